/** When a verdict still holds: nothing is under way, and nothing that it rests on has changed. */
import type { ObservedService, ObservedSlot } from './observed.ts';
import type { ServiceMemory, ServiceVerdict } from './verdict.ts';

/**
 * Whether time alone changes nothing of a verdict: the same input gives the same one at any later moment. A property test
 * holds {@link plan} to it.
 */
export function isAtRest(verdict: ServiceVerdict, memory: ServiceMemory): boolean {
  return (
    verdict.wakeAt === null &&
    !verdict.watching &&
    verdict.transition === null &&
    verdict.manual === null &&
    verdict.wishes.length === 0 &&
    verdict.asks.length === 0 &&
    memory.guards.length === 0 &&
    memory.ramp === null &&
    memory.restoring === null
  );
}

/** Whether the data plane runs the same of a service; what it has counted says nothing about a service at rest. */
export function runsTheSame(a: ObservedService | undefined, b: ObservedService | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.slots.length === b.slots.length && a.slots.every((slot, at) => isSame(slot, b.slots[at]));
}

function isSame(a: ObservedSlot, b: ObservedSlot | undefined): boolean {
  if (
    a.slot !== b?.slot ||
    a.app !== b.app ||
    a.balance !== b.balance ||
    a.checkKind !== b.checkKind ||
    a.weight !== b.weight ||
    a.sessions !== b.sessions ||
    a.endpoints.size !== b.endpoints.size
  )
    return false;
  for (const [server, { check, inRotation, sessions }] of a.endpoints) {
    const other = b.endpoints.get(server);
    if (other?.check !== check || other.inRotation !== inRotation || other.sessions !== sessions)
      return false;
  }
  return true;
}
