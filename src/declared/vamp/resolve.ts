/** Where the routes of gateways lead, in a cluster as it is now. */
import type { App } from '../../model/app.ts';
import { type AppId, appId } from '../../model/ids.ts';
import { nearest } from '../../model/nearest.ts';
import { portIndex } from '../ports.ts';
import { listed } from '../show.ts';
import { servingReadingOf } from '../serving/readings.ts';
import { resolveVip, vipKey, vipName } from '../vip-names.ts';
import { type Address, externalApp } from './externals.ts';
import { type Destination, foundBy, groupsOf } from './finding.ts';
import type { Gateway, GatewayRoute } from './gateway.ts';

export type Resolved =
  /** Sorted by app; never empty. */
  | { readonly kind: 'found'; readonly destinations: readonly Destination[] }
  /** Nothing of that name is there; what may be meant, as the rest of a sentence. */
  | { readonly kind: 'unknown'; readonly why: string }
  | { readonly kind: 'portless'; readonly app: AppId }
  /** Requests would come back to the gateway that sends them. */
  | { readonly kind: 'loop' };

export type Resolve = (gateway: Gateway, route: GatewayRoute) => Resolved;

const vampLabels = ['io.vamp.deployment', 'io.vamp.cluster', 'io.vamp.service'] as const;

/** @param addressOf where another gateway is reached; null when it is nowhere */
export function resolver(
  apps: ReadonlyMap<AppId, App>,
  gateways: readonly Gateway[],
  addressOf: (gateway: Gateway) => Address | null,
): Resolve {
  const byName = new Map(gateways.map((gateway) => [gateway.name, gateway]));
  const byVip = new Map<string, Destination[]>();
  const byService = new Map<string, App[]>();
  const bySelector = new Map<string, ReturnType<typeof groupsOf>>();
  for (const app of apps.values()) {
    const seen = new Set<string>();
    for (const vip of servingReadingOf(app).vips) {
      // Of several of its ports the first: an app is one pool.
      if (seen.has(vipKey(vip))) continue;
      seen.add(vipKey(vip));
      added(byVip, vipKey(vip), { app, portIndex: vip.portIndex });
    }
    const [deployment, cluster, service] = vampLabels.map((label) => app.labels[label]);
    if (deployment !== undefined && cluster !== undefined && service !== undefined)
      added(byService, `${deployment}/${cluster}/${service}`, app);
  }

  return (gateway, { path, target }) => {
    switch (target.kind) {
      case 'external':
        return external(target);
      case 'app':
        return ofApp(apps.get(target.app), target.app, target.port ?? 0);
      case 'gateway':
        return ofGateway(gateway, target.name);
      case 'path':
        return ofPath(gateway, path, target.segments);
      case 'selector':
        return ofSelector(target.selector);
      case 'group':
        return ofGroup(gateway.selector ?? 'false', path);
    }
  };

  function external(address: Address): Resolved {
    const text = vipKey({ kind: 'ip', ...address });
    const isIp = vipName(text)?.kind === 'ip';
    const vip = isIp ? { kind: 'ip' as const, ...address } : resolveVip(text);
    const carriers = vip === null ? undefined : byVip.get(vipKey(vip));
    if (carriers !== undefined) return found(carriers);
    if (vip !== null && !isIp) return { kind: 'unknown', why: `: no app has the VIP ${vipKey(vip)}` };
    return found([{ app: externalApp(address), portIndex: 0 }]);
  }

  function ofSelector(selector: string): Resolved {
    const destinations = foundBy(selector, apps);
    return destinations.length > 0
      ? found(destinations)
      : { kind: 'unknown', why: ': its selector finds no app' };
  }

  function ofGroup(selector: string, name: string): Resolved {
    const groups = bySelector.get(selector) ?? groupsOf(selector, apps);
    bySelector.set(selector, groups);
    const destinations = groups.get(name);
    if (destinations !== undefined) return found(destinations);
    const names = groups.size === 0 ? 'no app' : `only ${listed([...groups.keys()], 5)}`;
    return { kind: 'unknown', why: `: the gateway's selector finds ${names}` };
  }

  function ofApp(app: App | undefined, id: AppId, ref: number | string): Resolved {
    if (app === undefined) return { kind: 'unknown', why: `: there is no app ${id}` };
    const index = portIndex(app.ports, ref);
    return index === null ? { kind: 'portless', app: id } : found([{ app, portIndex: index }]);
  }

  function ofGateway(from: Gateway, name: string): Resolved {
    const gateway = byName.get(name);
    if (gateway === undefined) return { kind: 'unknown', why: `: there is no gateway ${name}` };
    if (leadsBack(gateway, from.name, new Set())) return { kind: 'loop' };
    const address = addressOf(gateway);
    if (address === null) return { kind: 'unknown', why: `: the gateway ${name} has no port` };
    return found([{ app: externalApp(address), portIndex: 0 }]);
  }

  /** A gateway, an app, an app and its port, a service of a deployment and its port: the first that there is. */
  function ofPath(from: Gateway, path: string, segments: readonly string[]): Resolved {
    const name = segments.join('/');
    if (byName.has(name) && !path.startsWith('/')) return ofGateway(from, name);
    const app = apps.get(appId(name));
    if (app !== undefined) return ofApp(app, app.id, 0);
    const [port = '', ...rest] = segments.toReversed();
    const owner = rest.toReversed().join('/');
    const parent = rest.length === 0 ? undefined : apps.get(appId(owner));
    const ref = parent === undefined ? null : portOf(parent, port);
    if (parent !== undefined && ref !== null) return found([{ app: parent, portIndex: ref }]);
    const deployed = segments.length === 4 ? byService.get(owner) : undefined;
    if (deployed !== undefined) {
      const destinations = deployed.flatMap((each): readonly Destination[] => {
        const index = portOf(each, port) ?? (each.ports.length === 1 ? 0 : null);
        return index === null ? [] : [{ app: each, portIndex: index }];
      });
      const [first] = deployed;
      if (destinations.length > 0) return found(destinations);
      if (first !== undefined) return { kind: 'portless', app: first.id };
    }
    const near = nearest(name, [...byName.keys(), ...[...apps.keys()].map((id) => id.slice(1))]);
    const meant = near === null ? '' : `; there is ${near}`;
    return { kind: 'unknown', why: `: there is no gateway, app or service of a deployment ${name}${meant}` };
  }

  /** Whether requests that the gateway gets may come to the one of that name. */
  function leadsBack(gateway: Gateway, name: string, seen: Set<string>): boolean {
    if (gateway.name === name) return true;
    if (seen.has(gateway.name)) return false;
    seen.add(gateway.name);
    return gateway.routes.some(({ path, target }) => {
      const isPath = target.kind === 'path' && !path.startsWith('/');
      const next = target.kind === 'gateway' ? target.name : isPath ? target.segments.join('/') : '';
      const other = byName.get(next);
      return other !== undefined && leadsBack(other, name, seen);
    });
  }
}

/** By name, or by index. */
function portOf(app: App, text: string): number | null {
  return portIndex(app.ports, text) ?? (/^\d{1,5}$/.test(text) ? portIndex(app.ports, Number(text)) : null);
}

function found(destinations: readonly Destination[]): Resolved {
  return { kind: 'found', destinations: [...destinations].sort((a, b) => (a.app.id < b.app.id ? -1 : 1)) };
}

function added<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
