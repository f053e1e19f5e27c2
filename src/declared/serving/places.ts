/** The places where a service is to be reached, from the claims of its ports to listeners. */
import type { AppId } from '../../model/ids.ts';
import type { Request } from '../allot.ts';
import { compare } from '../order.ts';
import { type DeclareOptions, type Listener, type PathPrefix, pathText } from '../types.ts';
import type { Component } from './components.ts';
import { groupKey, type Node, olderFirst } from './node.ts';

/**
 * What the service wants, place by place, in one request for each app that was the first to claim some of it.
 * @param referring which apps claim a place by naming the service, by the place's key
 * @param size how many pools the service has
 */
export function requestsOf(
  component: Component,
  referring: ReadonlyMap<string, ReadonlySet<AppId>>,
  size: number,
  options: DeclareOptions,
): readonly Request[] {
  const wanted = new Map<Node, Listener[]>();
  for (const [key, nodes] of component.claimants) {
    const oldest = nodes.reduce((a, b) => (olderFirst(a, b) <= 0 ? a : b));
    const apps = new Set([...claimingApps(nodes, component), ...(referring.get(key) ?? [])]);
    const [only] = apps.size === 1 && size > 1 ? apps : [];
    const listeners = listenersAt(
      key,
      nodes,
      nodes.includes(component.decider) ? component.decider : oldest,
      {
        only: only ?? null,
        options,
      },
    );
    wanted.set(oldest, [...(wanted.get(oldest) ?? []), ...listeners]);
  }
  return [...wanted].map(([node, listeners]) => ({
    app: node.app.id,
    since: node.since,
    order: node.index,
    label: node.label,
    value: node.value,
    listeners,
  }));
}

/** What one app of a deployment group claims the whole group claims: clients do not choose a colour. */
function claimingApps(nodes: readonly Node[], component: Component): readonly AppId[] {
  const groups = new Set(nodes.map(groupKey).filter((key) => key !== null));
  const claiming =
    groups.size === 0
      ? nodes
      : [...nodes, ...component.nodes.filter((node) => groups.has(groupKey(node) ?? ''))];
  return claiming.map((node) => node.app.id);
}

function listenersAt(
  key: string,
  nodes: readonly Node[],
  decider: Node,
  { only, options }: { readonly only: AppId | null; readonly options: DeclareOptions },
): readonly Listener[] {
  const claims = nodes.flatMap((node) => node.claims.filter((claim) => claim.key === key));
  const claim = decider.claims.find((each) => each.key === key);
  if (claim === undefined) return [];
  const certificates = [...new Set(claims.flatMap((each) => each.certificate ?? []))].sort();
  const common = {
    address: claim.address,
    mode: decider.mode,
    hosts: claim.host === null ? [] : [claim.host],
    paths: claim.path === null ? [] : [claim.path],
    rank: Math.max(...claims.map((each) => each.rank)),
    bindOptions: claim.bindOptions,
    only,
  };
  const at = (declaredPort: number, tls: Listener['tls']): Listener => {
    const port = options.mapPorts.get(declaredPort) ?? declaredPort;
    return { ...common, declaredPort, port, tls };
  };
  if (claim.host === null)
    return [at(claim.declaredPort, claim.certificate === null ? null : { certificates })];
  return [at(80, null), at(443, { certificates })];
}

/** As few listeners as say the same: hosts with the same paths together, sorted by port. */
export function merged(listeners: readonly Listener[]): readonly Listener[] {
  const byHost = grouped(
    listeners,
    (each) => `${each.hosts.join(' ')} ${each.paths.length === 0} ${textOf(each)}`,
    (group) => ({ paths: sortedPaths(group.flatMap((each) => each.paths)) }),
  );
  const byPaths = grouped(
    byHost,
    (each) => `${each.hosts.length === 0} ${each.paths.map(pathText).join('|')} ${textOf(each)}`,
    (group) => ({ hosts: group.flatMap((each) => each.hosts).sort() }),
  );
  return byPaths
    .map((each) => ({
      each,
      text: `${textOf(each)} ${each.hosts.join(' ')} ${each.paths.map(pathText).join('|')}`,
    }))
    .sort((a, b) => a.each.port - b.each.port || compare(a.text, b.text))
    .map(({ each }) => each);
}

/** All but hosts and paths. */
function textOf({ address, declaredPort, port, mode, rank, tls, bindOptions, only }: Listener): string {
  const certificates = tls === null ? '' : `tls ${tls.certificates.join(' ')}`;
  return `${port} ${declaredPort} ${mode} ${address} ${only} ${rank} ${certificates} ${bindOptions.join(' ')}`;
}

function grouped(
  listeners: readonly Listener[],
  keyOf: (listener: Listener) => string,
  together: (group: readonly Listener[]) => Partial<Listener>,
): readonly Listener[] {
  const groups = new Map<string, Listener[]>();
  for (const listener of listeners) {
    const key = keyOf(listener);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [listener]);
    else group.push(listener);
  }
  return [...groups.values()].flatMap((group) => {
    const [first, second] = group;
    if (first === undefined) return [];
    return second === undefined ? [first] : [{ ...first, ...together(group) }];
  });
}

function sortedPaths(paths: readonly PathPrefix[]): readonly PathPrefix[] {
  return [...paths].sort((a, b) => (pathText(a) < pathText(b) ? -1 : 1));
}
