/** What is remembered over restarts, and its saving: before anything is applied, and only when it has changed. */
import type { Scope } from '../dataplane/driver.ts';
import type { RememberedApp } from '../declared/types.ts';
import type { ServiceId } from '../model/ids.ts';
import type { Observer } from '../observe/facts.ts';
import type { Memory, ServiceMemory } from '../plan/verdict.ts';
import type { Store } from '../store/store.ts';
import { type Remembered, saveMemory } from './memory.ts';

export interface MemoryRecord {
  apps(): readonly RememberedApp[];
  /** What the planner is to be told of the services in scope. */
  planned(scope: Scope): Memory;
  /**
   * Takes over what is to be remembered. Before anything is applied, so that a Baton that is killed then finds slots and
   * sides as they are. What cannot be saved is tried again at the next time, and is a fact.
   */
  save(apps: readonly RememberedApp[], memory: Memory, scope: Scope): Promise<void>;
}

export function createRecord(store: Store, remembered: Remembered, publish: Observer): MemoryRecord {
  let apps = remembered.apps;
  const services = new Map(remembered.plan.services.map((each) => [each.service, each]));
  let isSaved = true;

  function take(next: readonly RememberedApp[], memory: Memory, scope: Scope): void {
    if (next.length !== apps.length || next.some((entry, at) => entry !== apps[at])) isSaved = false;
    apps = next;
    const gone = new Set(scope === 'all' ? services.keys() : scope);
    for (const each of memory.services) {
      gone.delete(each.service);
      if (same(services.get(each.service), each)) continue;
      services.set(each.service, each);
      isSaved = false;
    }
    for (const id of gone) if (services.delete(id)) isSaved = false;
  }

  return {
    apps: () => apps,
    planned: (scope) => ({
      services: scope === 'all' ? [...services.values()] : [...scope].flatMap((id) => services.get(id) ?? []),
    }),
    async save(next, memory, scope) {
      take(next, memory, scope);
      if (isSaved) return;
      try {
        await saveMemory(store, { apps, plan: { services: sorted(services) } });
        isSaved = true;
      } catch (error) {
        publish({
          kind: 'memory-not-saved',
          problem: error instanceof Error ? error.message : String(error),
        });
      }
    },
  };
}

function same(a: ServiceMemory | undefined, b: ServiceMemory): boolean {
  return a !== undefined && JSON.stringify(a) === JSON.stringify(b);
}

function sorted(services: ReadonlyMap<ServiceId, ServiceMemory>): readonly ServiceMemory[] {
  return [...services.values()].sort((a, b) => (a.service < b.service ? -1 : 1));
}
