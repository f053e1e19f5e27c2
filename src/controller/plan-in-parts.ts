/** Plans many services a part at a time: in between, events that take endpoints out have their turn. */
import { setImmediate as breathe } from 'node:timers/promises';
import type { DeclaredService } from '../declared/types.ts';
import { plan, type PlanInput } from '../plan/plan.ts';
import type { Verdict } from '../plan/verdict.ts';

/** So many services at a time. */
const together = 25;

/** The same verdict as of one plan of all of them: each service is planned by itself. */
export async function planInParts(
  services: readonly DeclaredService[],
  input: Omit<PlanInput, 'services'>,
): Promise<Verdict> {
  const parts: Verdict[] = [];
  for (let at = 0; at < services.length; at += together) {
    if (at > 0) await breathe();
    parts.push(plan({ ...input, services: services.slice(at, at + together) }));
  }
  return {
    services: parts.flatMap((part) => part.services),
    memory: { services: parts.flatMap((part) => part.memory.services) },
  };
}
