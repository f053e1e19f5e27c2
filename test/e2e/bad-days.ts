/** The bad days that a migration must survive, each with chances drawn from a seed; and pairs of them. */
import { existsSync } from 'node:fs';
import type { FaultOrder } from '../../src/simulator/faults-schema.ts';

/** A number from 0 up to 1. */
export type Chance = () => number;

interface BadDay {
  readonly faults: (chance: Chance) => readonly FaultOrder[];
  /** Only a Baton that reads twice before it believes a sudden loss survives it. */
  readonly needsTrust?: true;
}

const between = (chance: Chance, least: number, most: number): number =>
  Math.round(least + (most - least) * chance());

/** A reconnection asks for the whole list at once. */
const reconnect = { kind: 'drop-stream', how: 'fin' } as const;
/** Longer than from a first read to the second one: what passes its own checks in HAProxy stays all the same. */
const onceMs = 4000;

const days = {
  'stream dropped': {
    faults: (chance) => [{ kind: 'drop-stream', how: 'fin', everyMs: between(chance, 100, 1500) }],
  },
  'stream reset': {
    faults: (chance) => [{ kind: 'drop-stream', how: 'reset', everyMs: between(chance, 100, 1500) }],
  },
  'stream half-open': { faults: () => [{ kind: 'drop-stream', how: 'half-open' }] },
  'stream hangs': { faults: () => [{ kind: 'hang-stream' }] },
  'stream refused': { faults: () => [{ kind: 'refuse-stream' }, { ...reconnect, id: 'first' }] },
  'stream in pieces': { faults: (chance) => [{ kind: 'split-stream', bytes: between(chance, 1, 40) }] },
  slow: { faults: (chance) => [{ kind: 'slow', ms: between(chance, 100, 900), route: '/v2/*' }] },
  'too slow': { faults: () => [{ kind: 'slow', ms: 1500, route: '/v2/apps*', method: 'GET' }] },
  '502': { faults: (chance) => [{ kind: 'error', status: 502, probability: 0.3 + chance() * 0.7 }] },
  '503': { faults: (chance) => [{ kind: 'error', status: 503, probability: 0.3 + chance() * 0.7 }] },
  '504': { faults: (chance) => [{ kind: 'error', status: 504, probability: 0.3 + chance() * 0.7 }] },
  '409': { faults: () => [{ kind: 'conflict' }] },
  'too many deployments': { faults: () => [{ kind: 'too-many-deployments' }] },
  'events lost': { faults: (chance) => [{ kind: 'lose-events', probability: 0.2 + chance() * 0.8 }] },
  'events twice': { faults: () => [{ kind: 'repeat-events', probability: 1 }] },
  'events out of order': { faults: (chance) => [{ kind: 'reorder-events', ms: between(chance, 50, 1500) }] },
  'answers cut': {
    faults: (chance) => [
      { kind: 'cut-answer', at: chance(), how: chance() < 0.5 ? 'fin' : 'reset', probability: 0.7 },
    ],
  },
  'old list': { faults: () => [{ kind: 'stale-list' }, { ...reconnect, id: 'again' }] },
  'old answers': { faults: () => [{ kind: 'stale-list', route: '/v2/apps*' }] },
  'clock wrong': {
    faults: (chance) => [
      { kind: 'wrong-clock', minutes: between(chance, 1, 30) * (chance() < 0.5 ? -1 : 1) },
    ],
  },
  'leader changes': {
    faults: (chance) => [{ kind: 'leader-change', everyMs: between(chance, 400, 2000) }],
  },
  'leader changes and knows health': {
    faults: (chance) => [{ kind: 'leader-change', health: 'keep', everyMs: between(chance, 400, 2000) }],
  },
  'no health': { faults: () => [{ kind: 'no-health' }] },
  '401': { faults: (chance) => [{ kind: 'error', status: 401, probability: 0.3 + chance() * 0.7 }] },
  'leader down': { faults: () => [{ kind: 'leader-down' }] },
  'empty list': { faults: () => [{ kind: 'empty-list', forMs: onceMs }, reconnect], needsTrust: true },
  'apps missing': {
    faults: (chance) => [
      { kind: 'partial-list', of: 'apps', missing: 0.5 + chance() / 2, forMs: onceMs },
      reconnect,
    ],
    needsTrust: true,
  },
  'tasks missing': {
    faults: (chance) => [
      { kind: 'partial-list', of: 'tasks', missing: 0.5 + chance() / 2, forMs: onceMs },
      reconnect,
    ],
    needsTrust: true,
  },
} as const satisfies Readonly<Record<string, BadDay>>;

export type DayName = keyof typeof days;

const trusts = existsSync(new URL('../../src/controller/trust.ts', import.meta.url));

export const dayNames: readonly DayName[] = Object.entries<BadDay>(days)
  .filter(([, { needsTrust }]) => trusts || needsTrust === undefined)
  .map(([name]) => name as DayName);

/** What happens on these days, every fault with a name and a seed of its own. */
export function faultsOf(names: readonly DayName[], chance: Chance): readonly FaultOrder[] {
  return names.flatMap((name, at) =>
    days[name].faults(chance).map((fault, index) => ({
      ...fault,
      id: `${at}-${index}-${fault.kind}`,
      seed: Math.floor(chance() * 1_000_000),
    })),
  );
}

/** One day, or two that are not the same. */
export function someDays(chance: Chance): readonly DayName[] {
  const all = [...dayNames];
  const [first] = all.splice(Math.floor(chance() * all.length), 1);
  const second = chance() < 0.6 ? all[Math.floor(chance() * all.length)] : undefined;
  return [first, second].filter((name) => name !== undefined);
}
