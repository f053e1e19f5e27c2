/** Which apps wait for which: the dependencies of apps and of groups, as one graph of apps. */
import { notValid } from './api-error.ts';
import { type Groups, isBelow } from './group-tree.ts';
import type { Root } from './plan.ts';

/** By app, those that it waits for; apps that wait for none are left out. */
type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * How many apps at most are one upon the other beneath an app; 0 for those that are left out.
 * @throws ApiError 422 when apps wait for each other (Marathon's `RootGroup.noCyclicDependencies`)
 */
export function dependencyLevels(apps: Root, groups: Groups): ReadonlyMap<string, number> {
  const graph = dependencyGraph(apps, groups);
  const levels = new Map<string, number | 'open'>();
  const levelOf = (app: string): number => {
    const known = levels.get(app);
    if (known === 'open') throw cyclic();
    if (known !== undefined) return known;
    levels.set(app, 'open');
    let level = 0;
    for (const other of graph.get(app) ?? []) level = Math.max(level, 1 + levelOf(other));
    levels.set(app, level);
    return level;
  };
  return new Map([...graph.keys()].map((app) => [app, levelOf(app)]));
}

/**
 * Marathon's `RootGroup.applicationDependencies`: all apps below a group wait for all apps below each group that it
 * depends on; an app waits for the apps that it names, and for all below the groups that it names. What is not there
 * is waited for by none, and that a group depends on a single app changes nothing.
 */
function dependencyGraph(apps: Root, groups: Groups): Graph {
  const graph = new Map<string, Set<string>>();
  const below = (group: string): readonly string[] => [...apps.keys()].filter((app) => isBelow(app, group));
  const add = (app: string, others: readonly string[]): void => {
    if (others.length > 0) graph.set(app, new Set([...(graph.get(app) ?? []), ...others]));
  };
  for (const [group, dependencies] of groups) {
    if (dependencies.length === 0) continue;
    const others = dependencies.flatMap(below);
    for (const app of below(group)) add(app, others);
  }
  for (const [id, { dependencies = [] }] of apps) {
    add(
      id,
      dependencies.flatMap((other) => (apps.has(other) ? [other] : below(other))),
    );
  }
  return graph;
}

function cyclic(): Error {
  return notValid([{ path: '/', errors: ['Dependency graph has cyclic dependencies.'] }]);
}
