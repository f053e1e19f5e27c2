/** What services are called: the same for as long as one of their apps is there, whoever comes and goes. */
import { type AppId, safeName, type ServiceId, serviceOf } from '../../model/ids.ts';
import type { RememberedApp } from '../types.ts';
import type { Component } from './components.ts';
import { type Node, olderFirst } from './node.ts';

/**
 * The ids of all services, none twice, nor two that the data plane would write alike. A service keeps the id that its apps
 * remember, the oldest's first; a new one is named after its VIP, its deployment group and port, or the oldest of its
 * apps.
 * @param reserved ids that other services have
 */
export function serviceIds(
  components: readonly Component[],
  memory: ReadonlyMap<AppId, RememberedApp>,
  reserved: ReadonlySet<AppId>,
): ReadonlyMap<Component, ServiceId> {
  const taken = new Set([...reserved].map((id) => safeName(serviceOf(id))));
  const ids = new Map<Component, ServiceId>();
  const byAge = components
    .map((component) => ({ component, nodes: [...component.nodes].sort(olderFirst) }))
    .sort((a, b) => compareFirst(a.nodes, b.nodes));
  const take = (component: Component, candidates: readonly string[]): void => {
    const id = candidates.map((each) => each as ServiceId).find((each) => !taken.has(safeName(each)));
    if (id === undefined || ids.has(component)) return;
    taken.add(safeName(id));
    ids.set(component, id);
  };
  for (const { component, nodes } of byAge) {
    take(
      component,
      nodes.flatMap((node) => rememberedId(node, memory) ?? []),
    );
  }
  for (const { component, nodes } of byAge) {
    const [oldest] = nodes;
    if (oldest === undefined) continue;
    take(component, [natural(nodes, oldest), besides(oldest)]);
    for (let n = 2; !ids.has(component); n += 1) take(component, [`${besides(oldest)}.${n}`]);
  }
  return ids;
}

function compareFirst([a]: readonly Node[], [b]: readonly Node[]): number {
  return a === undefined || b === undefined ? 0 : olderFirst(a, b);
}

function rememberedId(node: Node, memory: ReadonlyMap<AppId, RememberedApp>): ServiceId | undefined {
  return node.kind === 'vip' ? undefined : memory.get(node.app.id)?.marathonLb?.services[node.index];
}

function natural(nodes: readonly Node[], oldest: Node): string {
  if (oldest.kind === 'vip')
    return `/${oldest.vips
      .join('')
      .replace(/:(\d+)$/, '_$1_vip')
      .replaceAll(/[[\]]/g, '')
      .replaceAll(':', '-')}`;
  const coloured = nodes.find((node) => node.group !== null);
  if (coloured !== undefined) return `${coloured.group}${suffix(coloured)}`;
  return oldest.index === 0 ? oldest.app.id : besides(oldest);
}

/** As marathon-lb names backends. */
function besides(node: Node): string {
  return `${node.app.id}${suffix(node)}`;
}

function suffix({ servicePort, index }: Node): string {
  return `_${servicePort ?? `port${index}`}`;
}
