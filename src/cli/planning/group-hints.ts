/** Whom `--group` leaves out: without it, or with a slip in it, labels of marathon-lb do nothing, and nobody would say so. */
import { listed } from '../../declared/show.ts';
import { servingReadingOf } from '../../declared/serving/readings.ts';
import type { App } from '../../model/app.ts';
import type { AppId } from '../../model/ids.ts';
import { nearest } from '../../model/nearest.ts';

/** A sentence each; none where every group that is asked for has an app. */
export function groupHints(apps: ReadonlyMap<AppId, App>, groups: ReadonlySet<string>): readonly string[] {
  if (groups.has('*')) return [];
  const named = new Map<string, Set<AppId>>();
  for (const app of apps.values()) {
    const { marathonLb } = servingReadingOf(app);
    for (const group of [...marathonLb.groups, ...marathonLb.ports.flatMap((port) => port.groups)])
      named.set(group, (named.get(group) ?? new Set()).add(app.id));
  }
  const names = [...named.keys()].sort();
  if (groups.size > 0) {
    return [...groups]
      .filter((group) => !named.has(group))
      .map((group) => {
        const meant = nearest(group, names);
        const hint = names.length === 0 ? 'no app names one' : `there are: ${listed(names, 10)}`;
        return `No app is in the group ${group}; ${meant === null ? hint : `did you mean ${meant}?`}`;
      });
  }
  if (names.length === 0) return [];
  const count = new Set([...named.values()].flatMap((ids) => [...ids])).size;
  const who = count === 1 ? '1 app has' : `${count} apps have`;
  return [`${who} labels of marathon-lb, which need a --group here: ${listed(names, 10)}.`];
}
