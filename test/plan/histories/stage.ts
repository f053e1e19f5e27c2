/** Marathon, a data plane and the planner between them, under one simulated clock: what the controller does, in small. */
import {
  type DeclaredPool,
  type DeclaredService,
  plainListener,
  plainRules,
} from '../../../src/declared/types.ts';
import { loadMemory, saveMemory } from '../../../src/controller/memory.ts';
import { type AppId, appId, millis, type ServiceId, serviceOf } from '../../../src/model/ids.ts';
import type { Answers, Outcome } from '../../../src/plan/asks.ts';
import type { Command } from '../../../src/plan/command.ts';
import { obey, type Obedience } from '../../../src/plan/obey.ts';
import { plan, type PlanInput } from '../../../src/plan/plan.ts';
import { settleWishes } from '../../../src/plan/settle-wishes.ts';
import { emptyMemory, type Memory, type Verdict } from '../../../src/plan/verdict.ts';
import type { Store, StoredDocument } from '../../../src/store/store.ts';
import { type Habits, SimPlane } from './data-plane.ts';
import { SimFulfilment } from './fulfilment.ts';
import { SimMarathon } from './marathon.ts';

/** Which services each app is a pool of; the first app of each list declares the listener. */
export const services: Readonly<Record<string, readonly string[]>> = {
  '/app1': ['/app1', '/app1-100', '/app1-200', '/app1-300'],
  '/other': ['/other', '/app1-100', '/other-200'],
};

/** One turn: what the planner was given, and what it made of it. */
export interface Turned {
  readonly input: PlanInput;
  readonly verdict: Verdict;
  /** Net time, ms, that the present step of each service had run before this turn: pauses are not counted. */
  readonly ranMs: ReadonlyMap<ServiceId, number>;
}

export interface StageSettings extends Habits {
  readonly wishDelayMs: number;
}

const plainSettings: StageSettings = { probeMs: 0, sessionMs: 0, requestsPerSecond: 50, wishDelayMs: 0 };

export class Stage {
  now = Date.UTC(2026, 5, 1);
  memory: Memory = emptyMemory;
  verdict: Verdict | null = null;
  /** What others answer when they are asked; null: nothing. */
  others: Outcome | null = 'success';
  readonly marathon = new SimMarathon();
  readonly plane: SimPlane;
  readonly fulfilment: SimFulfilment;
  private answers: Answers = new Map();
  private pollMs = 1000;
  private readonly ran = new Map<ServiceId, { readonly key: string; readonly ms: number }>();
  private readonly watch: (turned: Turned) => Promise<void> | void;

  constructor(
    settings: Partial<StageSettings> = {},
    watch: (turned: Turned) => Promise<void> | void = () => {},
  ) {
    const all = { ...plainSettings, ...settings };
    this.plane = new SimPlane(all, this.marathon);
    this.fulfilment = new SimFulfilment(all.wishDelayMs, this.marathon);
    this.watch = watch;
  }

  /** Looks, plans, and carries out. */
  async turn(): Promise<Verdict> {
    this.marathon.step(this.now);
    this.plane.step(this.now, 0);
    this.noteRun();
    const input: PlanInput = {
      now: millis(this.now),
      services: this.declared(),
      cluster: this.marathon.cluster(this.now),
      observed: this.plane.observe(this.now),
      memory: this.memory,
      answers: this.answers,
      wishStates: this.fulfilment.states(),
    };
    const verdict = plan(input);
    const ranMs = new Map([...this.ran].map(([service, { ms }]) => [service, ms]));
    await this.watch({ input, verdict, ranMs });
    const changed = looks(verdict) !== looks(this.verdict);
    this.pollMs = changed ? 1000 : this.pollMs * 2;
    this.memory = verdict.memory;
    this.verdict = verdict;
    if (this.plane.apply(this.now, verdict.services)) {
      this.fulfilment.want(this.now, settleWishes(verdict.services));
      this.ask(verdict);
    }
    return verdict;
  }

  private ask(verdict: Verdict): void {
    const { others } = this;
    const asks = others === null ? [] : verdict.services.flatMap((each) => each.asks);
    this.answers = new Map(
      asks.map(({ id }) => [
        id,
        [{ what: 'a query', outcome: others ?? 'error', text: 'said so', value: null }],
      ]),
    );
  }

  /** Turns whenever something happens or is to happen, for so long, ms. */
  async pass(ms: number): Promise<void> {
    const until = this.now + ms;
    await this.turn();
    while (this.now < until) {
      const isWatched = this.verdict?.services.some((each) => each.watching) ?? false;
      const wakes = this.verdict?.services.flatMap(({ wakeAt }) => (wakeAt === null ? [] : [wakeAt])) ?? [];
      const next = Math.min(
        until,
        ...wakes.map((at) => Math.max(at, this.now + 100)),
        isWatched || this.pollMs <= 1000 ? this.now + 1000 : Number.POSITIVE_INFINITY,
        this.nextChangeAt(),
      );
      this.elapse(next - this.now);
      await this.turn();
    }
  }

  private nextChangeAt(): number {
    return Math.min(
      this.marathon.nextAt(this.now),
      this.plane.nextAt(this.now),
      this.fulfilment.nextAt(this.now),
    );
  }

  /** Time passes, and nobody plans. */
  elapse(ms: number): void {
    this.now += ms;
    this.noteRun();
    for (const { service, transition, manual } of this.memory.services) {
      const ran = this.ran.get(service);
      if (ran === undefined || transition?.paused !== null || manual !== null) continue;
      this.ran.set(service, { key: ran.key, ms: ran.ms + ms });
    }
    this.plane.step(this.now, ms);
    this.marathon.step(this.now);
    this.fulfilment.step(this.now);
  }

  /** A step runs from when it was seen to, and not while somebody holds it up. */
  private noteRun(): void {
    const before = new Map(this.ran);
    this.ran.clear();
    for (const { service, transition } of this.memory.services) {
      if (transition?.stepSince == null) continue;
      const key = `${transition.startedAt} ${transition.step}`;
      const known = before.get(service);
      this.ran.set(service, known?.key === key ? known : { key, ms: 0 });
    }
  }

  order(service: string, command: Command, by = 'anna'): Obedience | null {
    const verdict = this.verdict?.services.find((each) => each.service === service);
    const memory = this.memory.services.find((each) => each.service === service);
    if (verdict === undefined || memory === undefined) return null;
    const obeyed = obey({ now: millis(this.now), command, by, why: null, verdict, memory });
    if (obeyed.outcome === 'done') {
      const others = this.memory.services.filter((each) => each.service !== service);
      const all = [...others, obeyed.memory].sort((a, b) => (a.service < b.service ? -1 : 1));
      this.memory = { services: all };
    }
    return obeyed;
  }

  /** Away for so long, ms, and back with what the disk remembers. */
  async restart(awayMs = 0): Promise<void> {
    this.elapse(awayMs);
    this.fulfilment.forget();
    this.answers = new Map();
    this.memory = await reread(this.memory);
  }

  declared(): readonly DeclaredService[] {
    return Object.entries(services).flatMap(([id, apps]) => {
      const pools = apps.flatMap((app) => this.poolOf(app, apps[0] === app));
      pools.sort((a, b) => b.priority - a.priority || (a.app < b.app ? -1 : 1));
      const listenerApp = appId(id);
      const listenerGone = !this.marathon.apps.has(listenerApp);
      const listeners = [plainListener(80, 80)];
      const service = {
        id: serviceOf(listenerApp),
        listenerApp,
        listenerGone,
        listeners,
        rules: plainRules,
        pools,
      };
      return pools.length === 0 ? [] : [service];
    });
  }

  private poolOf(app: string, isListener: boolean): readonly DeclaredPool[] {
    const known = this.marathon.apps.get(appId(app));
    if (known === undefined) return [];
    const { startMs: _, ...declared } = known.spec;
    const role = isListener ? 'listener' : 'member';
    return [{ ...declared, app: known.id, portIndex: 0, role, balance: 'roundrobin' }];
  }

  weights(service = '/app1'): Readonly<Record<AppId, number>> {
    const pools = this.verdict?.services.find((each) => each.service === service)?.pools ?? [];
    return Object.fromEntries(pools.filter((pool) => pool.weight > 0).map((pool) => [pool.app, pool.weight]));
  }
}

/** What shows that something has changed, so that the controller looks again soon. */
function looks(verdict: Verdict | null): string {
  const pools = (verdict?.services ?? []).flatMap((each) => each.pools);
  const seen = pools.map(({ app, weight, because, endpoints }) => [
    `${app} ${weight} ${because.code}`,
    endpoints.map(({ server, rotation, probed }) => `${server} ${rotation} ${probed}`),
  ]);
  return JSON.stringify([seen, verdict?.services.map((each) => [each.phase, each.wishes.length])]);
}

/** As it comes back from the disk. */
export async function reread(plan: Memory): Promise<Memory> {
  let text = '';
  const store: Store = {
    load: async () => JSON.parse(text) as StoredDocument,
    save: async (document) => {
      text = JSON.stringify(document);
    },
    keepAside: async (problem) => {
      throw new Error(`what was written is not what can be read: ${problem}`);
    },
  };
  await saveMemory(store, { apps: [], plan, gateways: [] });
  const loaded = await loadMemory(store);
  return loaded.plan;
}
