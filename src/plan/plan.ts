/**
 * The planner: what is declared and what is observed, to what the data plane is to be, with reasons. Pure: time is an
 * argument, output is sorted, the same input gives the same verdict.
 */
import type { DeclaredCondition, DeclaredService } from '../declared/types.ts';
import type { Cluster } from '../model/app.ts';
import type { AppId, Millis, SlotName } from '../model/ids.ts';
import { type BasisPoints, earlier } from '../model/weights.ts';
import { type AssessedPool, assess, readyAt } from './assess.ts';
import { lastResortServers } from './choose.ts';
import type { Answers } from './asks.ts';
import { drainOf, type Drain } from './drain.ts';
import { explainPool, explainService } from './explain.ts';
import type { Observed, ObservedService } from './observed.ts';
import { assignPlaces, bySlot, type Place } from './places.ts';
import type { ConditionTarget, MatchTarget } from './target.ts';
import { type Course, course } from './transition/course.ts';
import type { Latch } from './transition/types.ts';
import type {
  EndpointVerdict,
  Memory,
  PoolMemory,
  PoolVerdict,
  ServiceMemory,
  ServiceVerdict,
  Verdict,
} from './verdict.ts';
import type { WishState } from './wishes.ts';

export interface PlanInput {
  readonly now: Millis;
  readonly services: readonly DeclaredService[];
  readonly cluster: Cluster;
  readonly observed: Observed;
  readonly memory: Memory;
  /** What others have said since they were asked. */
  readonly answers: Answers;
  /** What has become of the wishes, by app. */
  readonly wishStates: ReadonlyMap<AppId, WishState>;
}

/** Of a planner that has asked nobody, and wished for nothing. */
export const noNews: Pick<PlanInput, 'answers' | 'wishStates'> = {
  answers: new Map(),
  wishStates: new Map(),
};

/** Each service is planned by itself (invariant I4), so any part of them may be planned without the others. */
export function plan(input: PlanInput): Verdict {
  const memory = new Map(input.memory.services.map((each) => [each.service, each]));
  const planned = [...input.services]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((service) =>
      planService(input, service, input.observed.services.get(service.id), memory.get(service.id)),
    );
  return {
    services: planned.map((each) => each.verdict),
    memory: { services: planned.map((each) => each.memory) },
  };
}

interface PlannedService {
  readonly verdict: ServiceVerdict;
  readonly memory: ServiceMemory;
}

interface PlannedPool {
  readonly each: AssessedPool;
  readonly place: Place;
  readonly drain: Drain;
  readonly share: BasisPoints;
  readonly latch: Latch | null;
}

function planService(
  { now, cluster, answers, wishStates }: PlanInput,
  service: DeclaredService,
  observed: ObservedService | undefined,
  memory: ServiceMemory | undefined,
): PlannedService {
  const remembered = new Map((memory?.pools ?? []).map((each) => [each.app, each]));
  const assessed = service.pools
    .map((pool) => assess(now, pool, cluster, observed, remembered.get(pool.app)))
    .filter((each) => each !== undefined);
  const slots = observed?.slots ?? [];
  const way = course({ now, service, pools: assessed, slots, memory, answers, wishStates });
  const isAffine = service.pools.some((pool) => pool.rollout.affinity === 'cookie');
  const { places, nextSide } = assignPlaces(service, assessed, observed, memory);
  const pools = places.map((place) =>
    planPool(now, place, assessed, way, remembered.get(place.app), isAffine),
  );
  const verdicts = pools
    .map((pool) => poolVerdict(now, pool, pools, way, service.conditions ?? []))
    .sort(bySlot);
  return {
    verdict: {
      service: service.id,
      listenerApp: service.listenerApp,
      listenerGone: service.listenerGone,
      listeners: service.listeners,
      rules: service.rules,
      ...explainService(now, assessed, way, pools),
      ratio: pools.reduce((sum, pool) => sum + (pool.place.side === 'B' ? pool.share : 0), 0) / 100,
      pools: verdicts,
      failover: failoverOrder(pools),
      noFailover: pools
        .filter(({ each }) => !each.pool.failover)
        .map(({ place }) => place)
        .sort(bySlot)
        .map((place) => place.slot),
      wakeAt: pools.reduce<Millis | null>((at, pool) => earlier(at, wakeAtOf(now, pool)), way.wakeAt),
      watching: way.watching || pools.some(isWatched),
      affinity: isAffine,
      matches: matchesOf(pools),
      ...(service.conditions && { conditions: conditionsOf(service.conditions, pools) }),
      transition: way.view,
      lastTransition: way.memory.last,
      manual: way.memory.manual,
      wishes: way.wishes,
      asks: way.asks,
    },
    memory: {
      service: service.id,
      nextSide,
      pools: pools.map((pool) => poolMemory(pool, way)),
      ...way.memory,
    },
  };
}

function planPool(
  now: Millis,
  place: Place,
  assessed: readonly AssessedPool[],
  { choice, memory: { latches } }: Course,
  memory: PoolMemory | undefined,
  isAffine: boolean,
): PlannedPool {
  const each = assessed.find((candidate) => candidate.pool.app === place.app);
  if (each === undefined) throw new Error(`a place for ${place.app}, which is not assessed`);
  const share = choice.weights.get(place.app) ?? 0;
  const latch = latches.find(({ app }) => app === place.app) ?? null;
  const drain = drainOf(now, each, share, memory?.drainingSince ?? null, isAffine && latch === null);
  return { each, place, share, drain, latch };
}

function poolVerdict(
  now: Millis,
  planned: PlannedPool,
  all: readonly PlannedPool[],
  way: Course,
  conditions: readonly DeclaredCondition[],
): PoolVerdict {
  const { each, place, share, drain, latch } = planned;
  const admitDoubtful = way.choice.rule === 'last-resort' && share > 0 && lastResortServers(each) > each.up;
  // Those who meet a condition come to it still, whatever its share.
  const isLed = conditions.some(({ app }) => app === place.app) && openSlot(planned) !== null;
  const newestOfSide = all.findLast((other) => other.place.side === place.side);
  return {
    app: place.app,
    slot: place.slot,
    balance: each.pool.balance,
    checkKind: each.checkKind,
    ...(each.pool.templates && { templates: each.pool.templates }),
    weight: share,
    // Who was sent back keeps nobody.
    draining: drain.since !== null && !drain.timedOut && latch === null,
    close: drain.timedOut && each.pool.drain.then === 'close' && each.sessions > 0 && !isLed,
    portIndex: each.pool.portIndex,
    role: each.pool.role,
    priority: each.priority,
    declaredWeight: each.pool.weight,
    side: place.side,
    attached: newestOfSide === planned,
    ready: each.ready,
    sessions: each.sessions,
    latch,
    judgement: way.memory.guards.find(({ app }) => app === place.app)?.judgement ?? null,
    ...explainPool(now, planned, all, way),
    endpoints: each.endpoints.map(
      (endpoint): EndpointVerdict => ({
        server: endpoint.server,
        task: endpoint.task,
        host: endpoint.host,
        port: endpoint.port,
        check: endpoint.check,
        ...(each.pool.sendProxy && { sendProxy: each.pool.sendProxy }),
        health: endpoint.health,
        probed: endpoint.probed,
        current: endpoint.current,
        rotation: way.rotations.get(endpoint.task) ?? rotationOf(endpoint, admitDoubtful),
      }),
    ),
  };
}

/**
 * What the data plane itself marked down stays in rotation there, so that it comes back by itself when its check
 * passes again; what Marathon calls down is taken out.
 */
function rotationOf(endpoint: AssessedPool['endpoints'][number], admitDoubtful: boolean): 'in' | 'hold' {
  if (endpoint.serves) return 'in';
  if (endpoint.inRotation && endpoint.health !== 'down') return 'in';
  return admitDoubtful && endpoint.inDoubt ? 'in' : 'hold';
}

/**
 * Where the data plane goes by itself when a pool turns out dead: those that carry, the largest share first; then
 * those that could take over, by priority; then the rest as a last resort, the never ready ones at the very end.
 */
function failoverOrder(pools: readonly PlannedPool[]): readonly SlotName[] {
  const rank = ({ each, share, latch }: PlannedPool) =>
    share > 0 ? 0 : latch !== null ? 3 : each.ready || each.entered ? 1 : 2;
  return pools
    .filter(
      ({ each, share }) =>
        each.endpoints.some((endpoint) => endpoint.serves) && (each.pool.weight !== 0 || share > 0),
    )
    .sort(
      (a, b) =>
        rank(a) - rank(b) ||
        b.share - a.share ||
        b.each.priority - a.each.priority ||
        bySlot(a.place, b.place),
    )
    .map((pool) => pool.place.slot);
}

function poolMemory({ each, place, share, drain }: PlannedPool, { complete }: Course): PoolMemory {
  const entered = each.entered || (share > 0 && each.ready);
  return {
    app: place.app,
    slot: place.slot,
    side: place.side,
    readySince: each.readySince,
    drainingSince: drain.since,
    enteredAs: entered ? each.app.lastConfigChangeAt : null,
    completeAs: complete.has(place.app) ? each.app.lastConfigChangeAt : null,
    seenAs: each.app.lastConfigChangeAt,
    waitingSince: each.waitingSince,
  };
}

function wakeAtOf(now: Millis, { each, drain }: PlannedPool): Millis | null {
  const ready = each.readySince === null ? null : readyAt(each.pool, each.readySince);
  return earlier(drain.endsAt, ready !== null && ready > now ? ready : null);
}

/** Checks that are still to pass and sessions that are still to end show only when the data plane is asked. */
function isWatched({ each, drain }: PlannedPool): boolean {
  return drain.since !== null || each.endpoints.some((endpoint) => endpoint.probed === 'pending');
}

/** Testers reach a pool as soon as it is ready, unless it was sent back. */
function matchesOf(pools: readonly PlannedPool[]): readonly MatchTarget[] {
  return pools
    .toSorted((a, b) => b.each.priority - a.each.priority || bySlot(a.place, b.place))
    .flatMap(({ each, place, latch }) => {
      const rule = each.pool.rollout.match;
      return rule === null ? [] : [{ slot: openSlot({ each, place, latch }), rule }];
    });
}

/** In the order of the declaration. Who meets one whose pool is not ready is led on as if it were not there. */
function conditionsOf(
  declared: readonly DeclaredCondition[],
  pools: readonly PlannedPool[],
): readonly ConditionTarget[] {
  return declared.map(({ app, condition, strength }) => {
    const pool = pools.find(({ place }) => place.app === app);
    return { slot: pool === undefined ? null : openSlot(pool), condition, strength };
  });
}

/** Null while nobody may be led to it. */
function openSlot({ each, place, latch }: Pick<PlannedPool, 'each' | 'place' | 'latch'>): SlotName | null {
  return latch === null && each.up > 0 && (each.ready || each.entered) ? place.slot : null;
}
