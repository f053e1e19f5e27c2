/** The backends that marathon-lb would have for the same labels, by the names that it would give them. */
import type { App } from '../../model/app.ts';
import type { AppId } from '../../model/ids.ts';
import { assignServicePorts } from '../marathon-lb/assign-ports.ts';
import { backendName } from '../marathon-lb/naming.ts';
import { compare } from '../order.ts';
import type { DeclareOptions } from '../types.ts';
import { isServed } from './nodes.ts';
import { servingReadingOf } from './readings.ts';

/** By app and port index. */
export type BackendNames = ReadonlyMap<AppId, ReadonlyMap<number, string>>;

interface NamedPort {
  readonly app: App;
  readonly index: number;
  readonly owner: AppId;
  readonly port: number;
  readonly startedAt: number;
}

/**
 * The names of all ports that these options serve by labels of marathon-lb. Apps of one deployment group have one
 * backend, named after the oldest of them, as marathon-lb merges them.
 */
export function backendNames(apps: ReadonlyMap<AppId, App>, options: DeclareOptions): BackendNames {
  const assigned = assignServicePorts(apps.values());
  const eldest = new Map<string, NamedPort>();
  const named = [...apps.values()].flatMap((app) => namedPorts(app, assigned.get(app.id), options));
  for (const each of named) {
    const other = eldest.get(keyOf(each));
    if (other === undefined || olderFirst(each, other) < 0) eldest.set(keyOf(each), each);
  }
  const names = new Map<AppId, Map<number, string>>();
  for (const each of named) {
    const { owner, port } = eldest.get(keyOf(each)) ?? each;
    const own = names.get(each.app.id) ?? new Map<number, string>();
    names.set(each.app.id, own.set(each.index, backendName(owner, port)));
  }
  return names;
}

function namedPorts(
  app: App,
  assigned: ReadonlyMap<number, number> | undefined,
  options: DeclareOptions,
): readonly NamedPort[] {
  const { deployment, ports, closed } = servingReadingOf(app).marathonLb;
  const owner = deployment.group ?? app.id;
  const startedAt = deployment.startedAt ?? Number.NEGATIVE_INFINITY;
  const open = ports.filter((port) => isServed(port, options)).map(({ index, port }) => ({ index, port }));
  // What a bad label closes may still be served as its last good labels had it.
  const shut = closed.map((index) => ({ index, port: app.ports[index]?.servicePort ?? null }));
  return [...open, ...shut].flatMap(({ index, port: declared }) => {
    const port = declared ?? assigned?.get(index) ?? null;
    return port === null ? [] : [{ app, index, owner, port, startedAt }];
  });
}

function keyOf({ owner, index }: NamedPort): string {
  return `${owner}#${index}`;
}

function olderFirst(a: NamedPort, b: NamedPort): number {
  if (a.startedAt !== b.startedAt) return a.startedAt < b.startedAt ? -1 : 1;
  return compare(a.app.lastConfigChangeAt, b.app.lastConfigChangeAt) || compare(a.app.id, b.app.id);
}
