/** What is remembered over restarts, and its saving. */
import type { Scope } from '../dataplane/driver.ts';
import type { RememberedApp } from '../declared/types.ts';
import type { Gateway } from '../declared/vamp/gateway.ts';
import type { ServiceId } from '../model/ids.ts';
import type { Observer } from '../observe/facts.ts';
import type { Memory, ServiceMemory } from '../plan/verdict.ts';
import type { Store } from '../store/store.ts';
import { type Remembered, saveMemory } from './memory.ts';

export interface MemoryRecord {
  apps(): readonly RememberedApp[];
  gateways(): readonly Gateway[];
  /** What the planner is to be told of the services in scope. */
  planned(scope: Scope): Memory;
  /**
   * Takes over what is to be remembered. Resolves when it is saved, where a Baton that is killed now must find it: which
   * app is in which slot and on which side, what has entered, and how far a transition is. That since when something is ready or drains may be
   * saved a moment later. What cannot be saved is tried again, and is a fact.
   */
  save(apps: readonly RememberedApp[], memory: Memory, scope: Scope): Promise<void>;
  /** Takes over what is to be remembered of one service. Resolves when it is saved, or cannot be. */
  put(memory: ServiceMemory): Promise<void>;
  /** Takes over all gateways. Resolves when they are saved, or cannot be. */
  putGateways(gateways: readonly Gateway[]): Promise<void>;
  /** Saves what is not saved yet. */
  flush(): Promise<void>;
}

/** How long a time may wait to be saved. */
const laterMs = 250;

export function createRecord(store: Store, remembered: Remembered, publish: Observer): MemoryRecord {
  let { apps, gateways } = remembered;
  const services = new Map(remembered.plan.services.map((each) => [each.service, each]));
  let isSaved = true;
  let timer: NodeJS.Timeout | null = null;
  let saving: Promise<void> = Promise.resolve();

  /** Whether a restart at this moment would miss it. */
  function take(next: readonly RememberedApp[], memory: Memory, scope: Scope): boolean {
    let isUrgent = next.length !== apps.length || next.some((entry, at) => entry !== apps[at]);
    if (isUrgent) isSaved = false;
    apps = next;
    const gone = new Set(scope === 'all' ? services.keys() : scope);
    for (const each of memory.services) {
      gone.delete(each.service);
      const before = services.get(each.service);
      if (before !== undefined && JSON.stringify(before) === JSON.stringify(each)) continue;
      services.set(each.service, each);
      isSaved = false;
      if (before === undefined || decidedOf(before) !== decidedOf(each)) isUrgent = true;
    }
    for (const id of gone) if (services.delete(id)) isSaved = false;
    return isUrgent;
  }

  async function write(): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (isSaved) return;
    isSaved = true;
    try {
      await saveMemory(store, { apps, plan: { services: sorted(services) }, gateways });
    } catch (error) {
      isSaved = false;
      publish({ kind: 'memory-not-saved', problem: error instanceof Error ? error.message : String(error) });
    }
  }

  function flush(): Promise<void> {
    saving = saving.then(write);
    return saving;
  }

  return {
    apps: () => apps,
    gateways: () => gateways,
    planned: (scope) => ({
      services: scope === 'all' ? [...services.values()] : [...scope].flatMap((id) => services.get(id) ?? []),
    }),
    async save(next, memory, scope) {
      if (take(next, memory, scope)) await flush();
      else if (!isSaved) timer ??= setTimeout(() => void flush(), laterMs);
    },
    async put(memory) {
      services.set(memory.service, memory);
      isSaved = false;
      await flush();
    },
    async putGateways(next) {
      gateways = next;
      isSaved = false;
      await flush();
    },
    flush,
  };
}

/** What is decided, and would be decided otherwise if it were forgotten; the counters of a judgement are not. */
function decidedOf({
  nextSide,
  pools,
  transition,
  latches,
  manual,
  replaced,
  restoring,
  ramp,
  last,
}: ServiceMemory): string {
  const { step, stepSince, to, paused, leaving, startedAt } = transition ?? {};
  return JSON.stringify([
    nextSide,
    pools.map(({ app, slot, side, enteredAs, completeAs }) => [app, slot, side, enteredAs, completeAs]),
    [step, stepSince, to, paused, leaving, startedAt, latches, manual, replaced, restoring, ramp, last],
  ]);
}

function sorted(services: ReadonlyMap<ServiceId, ServiceMemory>): readonly ServiceMemory[] {
  return [...services.values()].sort((a, b) => (a.service < b.service ? -1 : 1));
}
