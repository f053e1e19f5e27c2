/** Which apps a selector finds, and into which groups they fall. */
import type { App } from '../../model/app.ts';
import type { AppId } from '../../model/ids.ts';
import { sha1 } from '../../model/sha1.ts';
import { pathSegments } from './gateway-values.ts';
import { parseSelector } from './selector.ts';

/** A port of an app, of Marathon's or not. */
export interface Destination {
  readonly app: App;
  readonly portIndex: number;
}

/** An app is one pool: of several ports that are meant, the first. */
export function foundBy(selector: string, apps: ReadonlyMap<AppId, App>): readonly Destination[] {
  return [...find(selector, 'route', apps)].map(({ app, portIndex }) => ({ app, portIndex }));
}

/** The groups of a gateway's selector by name, sorted: those apps are one route for which the groups of its values are the same. */
export function groupsOf(
  selector: string,
  apps: ReadonlyMap<AppId, App>,
): ReadonlyMap<string, readonly Destination[]> {
  const groups = new Map<string, Destination[]>();
  for (const { app, portIndex, values } of find(selector, 'gateway', apps)) {
    const name = nameOf(values);
    groups.set(name, [...(groups.get(name) ?? []), { app, portIndex }]);
  }
  return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function* find(selector: string, use: 'gateway' | 'route', apps: ReadonlyMap<AppId, App>) {
  const parsed = parseSelector(selector, use);
  if (!parsed.ok) return;
  for (const app of apps.values()) {
    for (const port of app.ports) {
      const values = port.protocol.toLowerCase() === 'udp' ? null : parsed.finds(app, port);
      if (values === null) continue;
      yield { app, portIndex: port.index, values };
      break;
    }
  }
}

/** As Vamp calls it: `(1.0)`, `(eu),(1.0)`; what cannot be a route's path by its digest. */
function nameOf(values: readonly string[]): string {
  const name = [...new Set(values)]
    .map((value) => `(${value})`)
    .sort()
    .join(',');
  return pathSegments(name)?.join('/') === name ? name : sha1(name);
}
