/** Vamp's gateways, kept in the store: what people change of them is carried out between two turns of the loop. */
import type { Gateway } from '../declared/vamp/gateway.ts';
import { type GatewayProblem, problemsOf } from './gateway-problems.ts';
import type { Fact } from '../observe/facts.ts';
import type { Clock } from './clock.ts';
import { createInbox } from './inbox.ts';
import type { MemoryRecord } from './record.ts';
import type { App } from '../model/app.ts';
import type { AppId } from '../model/ids.ts';

/** What is done at once, or not at all. */
export interface GatewayChange {
  /** New ones, and those that take the place of their namesakes. */
  readonly put: readonly Gateway[];
  /** Names; one that is not there is gone already. */
  readonly remove: readonly string[];
  /** Who asks for it. */
  readonly by: string;
  /** Nothing is changed; the answer tells what would be. */
  readonly validateOnly?: boolean;
  /** Apps that are on their way into Marathon: routes may lead to them. */
  readonly awaited?: ReadonlySet<AppId>;
}

export type GatewayAnswer =
  | { readonly outcome: 'done'; readonly created: readonly string[]; readonly removed: readonly string[] }
  | { readonly outcome: 'refused'; readonly problems: readonly GatewayProblem[] };

export interface Gateways {
  /** Sorted by name. */
  all(): readonly Gateway[];
  /** Resolves when it is saved. */
  change(change: GatewayChange): Promise<GatewayAnswer>;
  /** Takes what was given until now. @param apps null: Marathon has not been read */
  takeAll(apps: ReadonlyMap<AppId, App> | null): Promise<void>;
  /** Nobody will take what is given from now on. */
  close(): void;
}

export function createGateways(
  record: Pick<MemoryRecord, 'gateways' | 'putGateways'>,
  clock: Clock,
  wake: () => void,
  told: (fact: Omit<Extract<Fact, { kind: 'gateways-changed' }>, 'kind'>) => void,
): Gateways {
  const inbox = createInbox<GatewayChange, GatewayAnswer>(wake, (problem) => refused(problem));

  async function take(apps: ReadonlyMap<AppId, App> | null, change: GatewayChange): Promise<GatewayAnswer> {
    if (apps === null) return refused('Marathon has not been read yet, so nobody knows where routes lead');
    const before = new Map(record.gateways().map((each) => [each.name, each]));
    const next = new Map(before);
    for (const name of change.remove) next.delete(name);
    const came = new Date(clock()).toISOString();
    for (const each of change.put)
      next.set(each.name, { ...each, createdAt: before.get(each.name)?.createdAt ?? came });
    const problems = problemsOf(next, change, apps);
    if (problems.length > 0) return { outcome: 'refused', problems };
    const names = change.put.map(({ name }) => name);
    const done: GatewayAnswer = {
      outcome: 'done',
      created: names.filter((name) => !before.has(name)),
      removed: change.remove.filter((name) => before.has(name)),
    };
    if (change.validateOnly !== true)
      await record.putGateways([...next.values()].sort((a, b) => (a.name < b.name ? -1 : 1)));
    return done;
  }

  return {
    all: () => record.gateways(),
    change: (change) => inbox.give(change),
    async takeAll(apps) {
      // One after the other: the second may be about what the first has made.
      for (const { asked, answer } of inbox.take()) {
        const taken = await take(apps, asked);
        if (asked.validateOnly !== true)
          told({
            by: asked.by,
            outcome: taken.outcome,
            put: asked.put.map(({ name }) => name),
            removed: asked.remove,
            problems: taken.outcome === 'done' ? [] : taken.problems.map(({ problem }) => problem),
          });
        answer(taken);
      }
    },
    close: () => inbox.close(),
  };
}

function refused(problem: string): GatewayAnswer {
  return {
    outcome: 'refused',
    problems: [{ gateway: null, route: null, rule: 'not-now', problem, remedy: 'Try again.' }],
  };
}
