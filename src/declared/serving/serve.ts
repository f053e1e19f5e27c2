/** From labels of marathon-lb and VIPs to services: the places that each wants, and the pools that it has. */
import type { App } from '../../model/app.ts';
import type { AppId, ServiceId } from '../../model/ids.ts';
import type { Allotment, Request } from '../allot.ts';
import { diagnose } from '../diagnostics.ts';
import { compare } from '../order.ts';
import { portIndex, portNames } from '../ports.ts';
import { show } from '../show.ts';
import type { Source } from '../sources.ts';
import type { DeclaredPool, DeclaredService, DeclareOptions, Diagnostic, RememberedApp } from '../types.ts';
import { type Component, componentsOf, connectedNodes } from './components.ts';
import type { Node } from './node.ts';
import { type Names, namesOf } from './names.ts';
import { type Nodes, nodesOf, type ServedApp } from './nodes.ts';
import { merged, requestsOf } from './places.ts';
import { declaredOf, poolingOfMember } from './pooling.ts';
import { type Reference, referencesOf } from './references.ts';
import { servingReadingOf } from './readings.ts';
import { serviceIds } from './service-ids.ts';

export interface Serving {
  readonly requests: readonly Request[];
  readonly diagnostics: readonly Diagnostic[];
  /** Whether an entry of `ab_config` has been dealt with here. */
  readonly isMeant: (app: AppId, service: AppId) => boolean;
  /** What is to be remembered of the apps that are served. */
  readonly served: ReadonlyMap<AppId, ServedApp & { readonly services: Readonly<Record<string, ServiceId>> }>;
  /** The services, once it is known which places they have got. Sorted by id. */
  services(allotment: Allotment): readonly DeclaredService[];
}

/** The ports that are served by labels of marathon-lb or as VIPs, and what their services may be called. */
export interface NamedNodes extends Nodes {
  readonly names: Names;
}

/** @param sources the labels in force of the Avi dialect */
export function namedNodes(
  apps: ReadonlyMap<AppId, App>,
  sources: readonly Source[],
  memory: ReadonlyMap<AppId, RememberedApp>,
  options: DeclareOptions,
): NamedNodes {
  const concerned = new Set(sources.map(({ id }) => id));
  const found = nodesOf(apps, memory, (id) => concerned.has(id), options);
  return { ...found, names: namesOf(found.nodes) };
}

/**
 * @param sources the labels in force of the Avi dialect, `ab_config` among them
 * @param listenerApps the apps after which services of the Avi dialect are named
 */
export function serve(
  apps: ReadonlyMap<AppId, App>,
  sources: readonly Source[],
  { nodes, diagnostics, served, names }: NamedNodes,
  listenerApps: ReadonlySet<AppId>,
  memory: ReadonlyMap<AppId, RememberedApp>,
  options: DeclareOptions,
): Serving {
  const sets = connectedNodes(nodes);
  const references = referencesOf(sources, names, sets, (id) => listenerApps.has(id));
  const found = componentsOf(sets, (node) =>
    declaredOf(node, references.own.get(node.id), servingReadingOf(node.app).plain),
  );
  const ids = serviceIds(found.components, memory, listenerApps);
  const componentOf = new Map(
    found.components.flatMap((component) => component.nodes.map((node) => [node.id, component] as const)),
  );
  const guests = guestsOf(references.others, componentOf, new Map(nodes.map((node) => [node.id, node])));
  const drafts = found.components.map((component) => {
    const own = guests.byComponent.get(component) ?? [];
    const pools = [...component.nodes.map((node) => poolOf(node, component)), ...own.map(({ pool }) => pool)];
    const requests = requestsOf(component, referringTo(component, own), pools.length, options);
    return { component, pools, requests };
  });
  return {
    requests: drafts.flatMap(({ requests }) => requests),
    diagnostics: [...diagnostics, ...references.diagnostics, ...found.diagnostics, ...guests.diagnostics],
    isMeant: references.isMeant,
    served: new Map([...served].map(([id, each]) => [id, { ...each, services: servicesOf(id) }])),
    services: ({ kept }) =>
      drafts
        .flatMap(({ component, pools, requests }) => {
          const id = ids.get(component);
          if (id === undefined) return [];
          const { app, rules } = component.decider;
          return {
            id,
            listenerApp: app.id,
            listenerGone: false,
            listeners: merged(requests.flatMap((request) => kept.get(request) ?? [])),
            rules,
            pools: pools.sort((a, b) => b.priority - a.priority || compare(a.app, b.app)),
          };
        })
        .sort((a, b) => compare(a.id, b.id)),
  };

  function servicesOf(app: AppId): Readonly<Record<string, ServiceId>> {
    const services: Record<string, ServiceId> = {};
    for (const { index } of apps.get(app)?.ports ?? []) {
      const component = componentOf.get(`${app} ${index}`);
      const id = component === undefined ? undefined : ids.get(component);
      if (id !== undefined) services[index] = id;
    }
    return services;
  }
}

function poolOf(node: Node, { poolings }: Component): DeclaredPool {
  const pooling = poolings.get(node);
  if (pooling === undefined) throw new Error(`no pooling of ${node.id}`);
  const { app, index, checkIndex, balance } = node;
  const probed = checkIndex === index ? {} : { checkPortIndex: checkIndex };
  const added = addedBy(node);
  return { app: app.id, portIndex: index, ...probed, ...added, role: 'listener', balance, ...pooling };
}

/** Of a port that is served by its labels; most have nothing. */
function addedBy(node: Node | undefined): Pick<DeclaredPool, 'templates' | 'sendProxy'> {
  if (node === undefined) return {};
  const { templates, sendProxy } = node;
  return { ...(templates.length > 0 && { templates }), ...(sendProxy !== null && { sendProxy }) };
}

/** An app that is a pool of a service because it names it. */
interface Guest {
  readonly pool: DeclaredPool;
  readonly reference: Reference;
}

function guestsOf(
  references: readonly Reference[],
  componentOf: ReadonlyMap<string, Component>,
  nodes: ReadonlyMap<string, Node>,
): {
  readonly byComponent: ReadonlyMap<Component, readonly Guest[]>;
  readonly diagnostics: readonly Diagnostic[];
} {
  const byComponent = new Map<Component, Guest[]>();
  const diagnostics: Diagnostic[] = [];
  for (const reference of references) {
    const { source, app, member, meanings } = reference;
    const component = componentOf.get(meanings[0]?.nodes[0]?.id ?? '');
    if (component === undefined) continue;
    const about = { app: app.id, label: 'ab_config', value: source.intent.abConfig };
    const ref = member.port ?? 0;
    const index = portIndex(app.ports, ref);
    const guests = byComponent.get(component) ?? [];
    if (index === null) {
      diagnostics.push(diagnose('port-missing', about, portNames(ref, member.service, app.ports)));
    } else if (guests.some(({ pool }) => pool.app === app.id)) {
      diagnostics.push(diagnose('service-twice', about, { service: show(member.service) }));
    } else {
      const balance = balanceOf(source, app, index);
      const pooling = poolingOfMember(app, member);
      const added = addedBy(nodes.get(`${app.id} ${index}`));
      guests.push({
        pool: { app: app.id, portIndex: index, ...added, role: 'member', balance, ...pooling },
        reference,
      });
      byComponent.set(component, guests);
    }
  }
  return { byComponent, diagnostics };
}

/** What the app says in either dialect; else what is the default where it serves. */
function balanceOf(source: Source, app: App, index: number): DeclaredPool['balance'] {
  if (Object.hasOwn(app.labels, 'avi_proxy')) return source.intent.balance;
  const port = servingReadingOf(app).marathonLb.ports.find((each) => each.index === index);
  return port?.balance ?? 'roundrobin';
}

/** The places that guests have named, by key: a virtual host is that alone, another name is all of its places. */
function referringTo(
  component: Component,
  guests: readonly Guest[],
): ReadonlyMap<string, ReadonlySet<AppId>> {
  const members = new Map(component.nodes.map((node) => [node.id, node]));
  const referring = new Map<string, Set<AppId>>();
  for (const { pool, reference } of guests) {
    for (const { nodes, host } of reference.meanings) {
      for (const claim of nodes.flatMap(({ id }) => members.get(id)?.claims ?? [])) {
        if (host !== null && claim.host !== host) continue;
        const apps = referring.get(claim.key) ?? new Set();
        referring.set(claim.key, apps.add(pool.app));
      }
    }
  }
  return referring;
}
