/** Vamp's gateways, kept in the store: what people change of them is carried out between two turns of the loop. */
import type { Gateway } from '../declared/vamp/gateway.ts';
import { type GatewayProblem, problemsOf } from './gateway-problems.ts';
import type { GatewayFact } from '../observe/gateway-facts.ts';
import { changedFacts, regroupedFacts } from './gateway-facts.ts';
import type { Clock } from './clock.ts';
import { createInbox } from './inbox.ts';
import type { MemoryRecord } from './record.ts';
import type { App } from '../model/app.ts';
import type { AppId } from '../model/ids.ts';
import { withGroups } from '../declared/vamp/groups.ts';

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
  | {
      readonly outcome: 'done';
      /** What was put, as it is kept. */
      readonly gateways: readonly Gateway[];
      /** Names. */
      readonly created: readonly string[];
      readonly removed: readonly string[];
    }
  | { readonly outcome: 'refused'; readonly problems: readonly GatewayProblem[] };

export interface Gateways {
  /** Sorted by name. */
  all(): readonly Gateway[];
  /** Resolves when it is saved. */
  change(change: GatewayChange): Promise<GatewayAnswer>;
  /** Takes over the routes that selectors make now. */
  regroup(next: readonly Gateway[]): Promise<void>;
  /** Takes what was given until now. @param apps null: Marathon has not been read */
  takeAll(apps: ReadonlyMap<AppId, App> | null): Promise<void>;
  /** Nobody will take what is given from now on. */
  close(): void;
}

export function createGateways(
  record: Pick<MemoryRecord, 'gateways' | 'putGateways'>,
  clock: Clock,
  wake: () => void,
  publish: (fact: GatewayFact) => void,
): Gateways {
  const inbox = createInbox<GatewayChange, GatewayAnswer>(wake, (problem) => refused(problem));

  async function take(apps: ReadonlyMap<AppId, App> | null, change: GatewayChange): Promise<GatewayAnswer> {
    if (apps === null) return refused('Marathon has not been read yet, so nobody knows where routes lead');
    const before = new Map(record.gateways().map((each) => [each.name, each]));
    const next = new Map(before);
    for (const name of change.remove) next.delete(name);
    const came = new Date(clock()).toISOString();
    for (const each of change.put)
      next.set(
        each.name,
        placed({ ...each, createdAt: before.get(each.name)?.createdAt ?? came }, before, apps),
      );
    const problems = problemsOf(next, change, apps);
    if (problems.length > 0) return { outcome: 'refused', problems };
    const names = change.put.map(({ name }) => name);
    const done: GatewayAnswer = {
      outcome: 'done',
      gateways: names.flatMap((name) => next.get(name) ?? []),
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
    async regroup(next) {
      const before = record.gateways();
      if (next === before) return;
      await record.putGateways(next);
      for (const fact of regroupedFacts(before, next)) publish(fact);
    },
    async takeAll(apps) {
      // One after the other: the second may be about what the first has made.
      for (const { asked, answer } of inbox.take()) {
        const before = record.gateways();
        const taken = await take(apps, asked);
        if (asked.validateOnly !== true) for (const fact of changedFacts(asked, before, taken)) publish(fact);
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

/** One with a selector that is applied again without routes keeps those that it has, with their weights. */
function placed(
  gateway: Gateway,
  before: ReadonlyMap<string, Gateway>,
  apps: ReadonlyMap<AppId, App>,
): Gateway {
  if (gateway.selector === undefined || gateway.routes.length > 0) return gateway;
  const old = before.get(gateway.name);
  if (old?.selector !== undefined) return { ...gateway, routes: old.routes };
  const [first = gateway] = withGroups([gateway], apps);
  return first;
}
