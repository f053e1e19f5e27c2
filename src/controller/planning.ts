/**
 * Plans many services: those at rest keep the verdict that they have, the others a part at a time; in between, events that
 * take endpoints out have their turn.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import type { DeclaredService } from '../declared/types.ts';
import type { App } from '../model/app.ts';
import type { ServiceId } from '../model/ids.ts';
import type { ObservedService } from '../plan/observed.ts';
import { plan, type PlanInput } from '../plan/plan.ts';
import { isAtRest, runsTheSame } from '../plan/rest.ts';
import type { ServiceMemory, ServiceVerdict, Verdict } from '../plan/verdict.ts';

/** So many services are planned at a time. */
const together = 25;
/** And so many are looked at for whether they have to be. */
const looked = 250;

export interface Planning {
  /** The same verdict as of one plan of all of them: each service is planned by itself. */
  plan(services: readonly DeclaredService[], input: Omit<PlanInput, 'services'>): Promise<Verdict>;
  forget(service: ServiceId): void;
}

/** What a verdict at rest rests on. */
interface Kept {
  readonly service: DeclaredService;
  readonly apps: readonly (App | undefined)[];
  readonly observed: ObservedService | undefined;
  /** As it was given: the same object when it has not changed since. */
  readonly memory: ServiceMemory;
  readonly verdict: ServiceVerdict;
}

export function createPlanning(): Planning {
  const kept = new Map<ServiceId, Kept>();

  function keptFor(
    service: DeclaredService,
    { cluster, observed, wishStates }: Omit<PlanInput, 'services'>,
    memory: ServiceMemory | undefined,
  ): Kept | null {
    const known = kept.get(service.id);
    if (known === undefined || known.service !== service || known.memory !== memory) return null;
    const isSame =
      service.pools.every(
        ({ app }, at) => cluster.apps.get(app) === known.apps[at] && !wishStates.has(app),
      ) && runsTheSame(known.observed, observed.services.get(service.id));
    return isSame ? known : null;
  }

  return {
    forget: (service) => void kept.delete(service),
    async plan(services, input) {
      const memories = new Map(input.memory.services.map((each) => [each.service, each]));
      const verdicts: ServiceVerdict[] = [];
      const memory: ServiceMemory[] = [];
      const due: DeclaredService[] = [];
      for (const [at, service] of services.entries()) {
        if (at > 0 && at % looked === 0) await breathe();
        const known = keptFor(service, input, memories.get(service.id));
        if (known === null) {
          due.push(service);
          continue;
        }
        verdicts.push(known.verdict);
        memory.push(known.memory);
      }
      for (let at = 0; at < due.length; at += together) {
        if (at > 0) await breathe();
        const part = due.slice(at, at + together);
        const planned = plan({ ...input, services: part });
        verdicts.push(...planned.services);
        memory.push(...planned.memory.services);
        keep(part, planned, input, memories);
      }
      return {
        services: verdicts.sort((a, b) => (a.service < b.service ? -1 : 1)),
        memory: { services: memory.sort((a, b) => (a.service < b.service ? -1 : 1)) },
      };
    },
  };

  function keep(
    services: readonly DeclaredService[],
    planned: Verdict,
    { cluster, observed }: Omit<PlanInput, 'services'>,
    memories: ReadonlyMap<ServiceId, ServiceMemory>,
  ): void {
    const byId = new Map(services.map((service) => [service.id, service]));
    for (const [at, verdict] of planned.services.entries()) {
      const service = byId.get(verdict.service);
      const before = memories.get(verdict.service);
      const after = planned.memory.services[at];
      if (service === undefined || after === undefined || before === undefined || !isAtRest(verdict, after)) {
        kept.delete(verdict.service);
        continue;
      }
      kept.set(verdict.service, {
        service,
        apps: service.pools.map(({ app }) => cluster.apps.get(app)),
        observed: observed.services.get(verdict.service),
        memory: before,
        verdict,
      });
    }
  }
}
