/** Events on a bad day: lost, told twice, or told after later ones. */
import type { FaultRegistry } from './faults.ts';
import type { Timers } from './timers.ts';
import type { MarathonEvent } from './world.ts';

/** So many later events at most pass one that was held back. */
const mostPassing = 4;

interface Held {
  readonly event: MarathonEvent;
  readonly cancel: () => void;
  passing: number;
}

/** Stands between the world and the event hub. @returns what takes each event in place of `publish` */
export function createEventFaults(
  faults: FaultRegistry,
  timers: Timers,
  publish: (event: MarathonEvent) => void,
): (event: MarathonEvent) => void {
  const held = new Set<Held>();

  function release(one: Held): void {
    if (!held.delete(one)) return;
    one.cancel();
    publish(one.event);
  }

  function hold(event: MarathonEvent, passing: number, mostMs: number): void {
    const one: Held = { event, passing, cancel: timers.after(mostMs, () => release(one)) };
    held.add(one);
  }

  faults.when('reorder-events', () => () => {
    for (const one of held) release(one);
  });

  return (event) => {
    if (strikes(faults.active('lose-events'), event) !== undefined) return;
    const reorder = strikes(faults.active('reorder-events'), event);
    if (reorder !== undefined) {
      hold(event, 1 + Math.floor(reorder.random() * mostPassing), reorder.fault.ms);
      return;
    }
    publish(event);
    if (strikes(faults.active('repeat-events'), event) !== undefined) publish(event);
    for (const one of held) {
      one.passing -= 1;
      if (one.passing <= 0) release(one);
    }
  };
}

interface Chance {
  readonly fault: { readonly types?: readonly string[] | undefined; readonly probability: number };
  readonly random: () => number;
}

/** The first fault that is about this event and whose chance has come. */
function strikes<A extends Chance>(active: readonly A[], event: MarathonEvent): A | undefined {
  return active.find(
    ({ fault, random }) =>
      (fault.types === undefined || fault.types.includes(event.eventType)) && random() < fault.probability,
  );
}
