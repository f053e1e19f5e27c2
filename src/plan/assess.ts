/** Assessment: what a pool's endpoints amount to now. Facts only; nothing is decided about traffic here. */
import type { DeclaredPool } from '../declared/types.ts';
import type { App, Cluster } from '../model/app.ts';
import { currentCheckKind, type Endpoint, endpointsOf } from '../model/endpoint.ts';
import { type Millis, millis } from '../model/ids.ts';
import { type BasisPoints, whole } from '../model/weights.ts';
import type { ObservedEndpoint, ObservedService, ObservedSlot } from './observed.ts';
import type { PoolMemory } from './verdict.ts';

export interface AssessedEndpoint extends Endpoint {
  readonly probed: ObservedEndpoint['check'];
  /** Whether the data plane sends it requests now. */
  readonly inRotation: boolean;
  /** Requests and connections in progress. */
  readonly sessions: number;
  /** Whether it may take requests. */
  readonly serves: boolean;
  /** Whether it counts toward its pool's readiness: of the current version, and passed by everybody who checks it. */
  readonly counts: boolean;
  /** Whether only Marathon's silence keeps it from serving: its own check has passed, nobody has called it down. */
  readonly inDoubt: boolean;
}

export interface AssessedPool {
  readonly pool: DeclaredPool;
  /** The declared one; that at which it takes a part as long as it is not ready, where it does not wait. */
  readonly priority: number;
  /** Whether it takes a part although it is not ready. */
  readonly joins: boolean;
  readonly app: App;
  readonly endpoints: readonly AssessedEndpoint[];
  readonly checkKind: 'http' | 'tcp';
  /** Endpoints that may take requests now. */
  readonly up: number;
  /** Endpoints of the current version that Marathon calls healthy, whatever the data plane's check says yet. */
  readonly healthy: number;
  /** Endpoints of the current version that are healthy and passed by the data plane's check. */
  readonly passed: number;
  /** How many of those it takes to enter; null when the app is scaled to 0, which is never ready. */
  readonly needed: number | null;
  /** Since when that many have been there without a break. */
  readonly readySince: Millis | null;
  readonly ready: boolean;
  /** The share it carries now, as read back. */
  readonly weight: BasisPoints;
  readonly sessions: number;
  /**
   * Whether it was once ready with its present configuration and carried traffic: it may stay, or take over again,
   * with less. One that only carries as the last resort has not entered.
   */
  readonly entered: boolean;
  /** Whether the transition to its present configuration has been complete. */
  readonly complete: boolean;
  /** Since when its present configuration is known and not ready; null when it is ready, empty or takes traffic. */
  readonly waitingSince: Millis | null;
}

/** Assesses a pool; `undefined` when its app is not in the cluster. */
export function assess(
  now: Millis,
  pool: DeclaredPool,
  cluster: Cluster,
  observed: ObservedService | undefined,
  memory: PoolMemory | undefined,
): AssessedPool | undefined {
  const app = cluster.apps.get(pool.app);
  if (app === undefined) return undefined;
  const slot = observed?.slots.find((each) => each.app === pool.app);
  const entered = hasEntered(app, pool, slot?.weight ?? 0, memory);
  const endpoints = endpointsOf(app, pool.portIndex, pool.checkPortIndex).map((endpoint) =>
    assessEndpoint(endpoint, slot, entered),
  );
  const current = endpoints.filter(
    (endpoint) => endpoint.current && endpoint.health === 'up' && endpoint.readinessPassed,
  );
  const passed = endpoints.filter((endpoint) => endpoint.counts).length;
  const needed = neededOf(pool, app);
  const enough = needed !== null && passed >= needed;
  const readySince = enough ? (memory?.readySince ?? now) : null;
  const ready = readySince !== null && now >= readyAt(pool, readySince);
  const joins = pool.joins !== undefined && !ready && !entered;
  return {
    pool,
    priority: joins ? (pool.joins ?? pool.priority) : pool.priority,
    joins,
    app,
    endpoints,
    checkKind: checkKindOf(app, pool, endpoints),
    up: endpoints.filter((endpoint) => endpoint.serves).length,
    healthy: current.length,
    passed,
    needed,
    readySince,
    ready,
    weight: slot?.weight ?? 0,
    sessions: slot?.sessions ?? 0,
    entered,
    complete: isComplete(app, slot?.weight ?? 0, memory),
    waitingSince: ready || needed === null ? null : waitingSince(now, app, memory),
  };
}

/** When a pool that has had enough endpoints since `since` counts as ready. */
export function readyAt(pool: DeclaredPool, since: Millis): Millis {
  return millis(since + pool.ready.forMs);
}

/**
 * An active pool that Marathon upgrades in place stays entered. Without a memory (the state directory was lost, the
 * data plane was not) what carries traffic counts as entered, so that nothing moves; one that may take a part before it
 * is ready must carry all of it for that.
 */
function hasEntered(
  app: App,
  pool: DeclaredPool,
  weight: BasisPoints,
  memory: PoolMemory | undefined,
): boolean {
  if (weight > 0 && memory === undefined) return pool.joins === undefined || weight === whole;
  if (weight > 0) return memory?.enteredAs !== null;
  return memory?.enteredAs === app.lastConfigChangeAt;
}

/**
 * A version that Marathon upgrades in place stays complete while it carries traffic. Without a memory only what carries
 * everything is known to be.
 */
function isComplete(app: App, weight: BasisPoints, memory: PoolMemory | undefined): boolean {
  if (memory === undefined) return weight === whole;
  return memory.completeAs !== null && (weight > 0 || memory.completeAs === app.lastConfigChangeAt);
}

function waitingSince(now: Millis, app: App, memory: PoolMemory | undefined): Millis {
  if (memory === undefined || memory.seenAs !== app.lastConfigChangeAt) return now;
  return memory.waitingSince ?? now;
}

function neededOf(pool: DeclaredPool, app: App): number | null {
  if (app.instances === 0) return null;
  const rule = pool.ready.instances;
  const wanted = 'count' in rule ? rule.count : Math.ceil((app.instances * rule.percent) / 100);
  return Math.max(1, wanted);
}

/**
 * An endpoint enters when Marathon calls it healthy and the data plane's check has passed; it stays as long as nobody
 * calls it down. Marathon's silence (`unknown`, after a change of leader) therefore moves nothing.
 *
 * In a pool that has entered, the data plane's check is enough where it is as good as Marathon's: in a rolling upgrade
 * Marathon stops the last old task at the moment when it finds the new one healthy, too late to begin then.
 */
function assessEndpoint(
  endpoint: Endpoint,
  slot: ObservedSlot | undefined,
  entered: boolean,
): AssessedEndpoint {
  const seen = slot?.endpoints.get(endpoint.server);
  const probed = seen?.check ?? 'pending';
  const inRotation = seen?.inRotation ?? false;
  const entitled = endpoint.health === 'up' && endpoint.readinessPassed;
  const passed = probed === 'passed';
  const kept = inRotation && endpoint.health !== 'down';
  const vouched =
    entered && endpoint.health === 'unknown' && endpoint.readinessPassed && endpoint.checkIsConclusive;
  return {
    ...endpoint,
    probed,
    inRotation,
    sessions: seen?.sessions ?? 0,
    serves: passed && (entitled || kept || vouched),
    counts: passed && entitled && endpoint.current,
    inDoubt: passed && endpoint.health === 'unknown' && !inRotation && !vouched,
  };
}

/**
 * One slot probes all its endpoints in one way. While a version without an HTTP check still runs, that way is a plain
 * connect: it wrongs nobody.
 */
function checkKindOf(app: App, pool: DeclaredPool, endpoints: readonly Endpoint[]): 'http' | 'tcp' {
  const kinds = endpoints.map((endpoint) => endpoint.check.kind);
  if (kinds.length === 0) return currentCheckKind(app, pool.portIndex, pool.checkPortIndex);
  return kinds.every((kind) => kind === 'http') ? 'http' : 'tcp';
}
