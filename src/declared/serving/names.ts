/** What `ab_config` may call a service: an app, a deployment group, a virtual host, a VIP. */
import type { AppId } from '../../model/ids.ts';
import type { App } from '../../model/app.ts';
import { portIndex } from '../ports.ts';
import type { PortRef } from '../intent.ts';
import { vipKey, vipName } from '../vip-names.ts';
import type { Node } from './node.ts';

/** One thing that a name stands for. */
export interface Meaning {
  readonly what: 'app' | 'deployment group' | 'virtual host' | 'VIP';
  /** Sorted; never empty. */
  readonly nodes: readonly Node[];
  /** Which of their places are meant; null: all. */
  readonly host: string | null;
}

export interface Names {
  /** All that the name stands for; nothing when there is no such service. */
  meaningsOf(name: AppId): readonly Meaning[];
  /** All names of services that are none of an app: as they count as ids, with how they are written. */
  readonly known: () => ReadonlyMap<string, string>;
  /** The port of the app itself that an entry means that names no other service. */
  own(app: App, port: PortRef | null): readonly Node[];
}

export function namesOf(nodes: readonly Node[]): Names {
  const byApp = new Map<string, Node[]>();
  const byGroup = new Map<string, Node[]>();
  const byHost = new Map<string, Node[]>();
  const byVip = new Map<string, Node[]>();
  const exactVips = new Map<string, Node[]>();
  for (const node of nodes) {
    add(byApp, node.app.id, node);
    if (node.group !== null) add(byGroup, node.group, node);
    for (const host of new Set(node.claims.map((claim) => claim.host))) {
      if (host !== null) add(byHost, host, node);
    }
    for (const vip of node.vips) add(node.kind === 'vip' ? exactVips : byVip, vip, node);
  }

  return {
    meaningsOf(name) {
      const meanings: Meaning[] = [];
      const ofApp = byApp.get(name);
      if (ofApp !== undefined) meanings.push({ what: 'app', nodes: ofApp.slice(0, 1), host: null });
      const ofGroup = byGroup.get(name);
      if (ofGroup !== undefined) {
        const index = Math.min(...ofGroup.map((node) => node.index));
        const lowest = ofGroup.filter((node) => node.index === index);
        meanings.push({ what: 'deployment group', nodes: lowest, host: null });
      }
      const host = name.slice(1).toLowerCase();
      const ofHost = byHost.get(host);
      if (ofHost !== undefined) meanings.push({ what: 'virtual host', nodes: ofHost, host });
      const vip = vipName(name);
      // A VIP that is a service itself is meant before the services of those who have it.
      const ofVip = vip === null ? undefined : (exactVips.get(vipKey(vip)) ?? byVip.get(vipKey(vip)));
      if (ofVip !== undefined) meanings.push({ what: 'VIP', nodes: ofVip, host: null });
      return meanings;
    },
    known: () =>
      new Map([
        ...[...byHost.keys()].map((host) => [`/${host}`, host] as const),
        ...[...byVip.keys(), ...exactVips.keys()].map((vip) => [`/${vip}`, vip] as const),
        ...[...byApp.keys(), ...byGroup.keys()].map((id) => [id, id] as const),
      ]),
    own(app, port) {
      const all = byApp.get(app.id) ?? [];
      const index = port === null ? null : portIndex(app.ports, port);
      return port === null ? all : all.filter((node) => node.index === index);
    },
  };
}

function add(map: Map<string, Node[]>, key: string, node: Node): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [node]);
  else list.push(node);
}
