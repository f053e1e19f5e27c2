/** Which apps are pools of which service, and how. */
import type { App } from '../model/app.ts';
import { type AppId, serviceOf } from '../model/ids.ts';
import { diagnose } from './diagnostics.ts';
import { noAviProxy } from './avi-proxy.ts';
import { type MemberIntent, plainMember, type PortRef } from './intent.ts';
import type { ServiceListener } from './listeners.ts';
import { nearest } from '../model/nearest.ts';
import { compare } from './order.ts';
import { portIndex, portNames } from './ports.ts';
import { show } from './show.ts';
import { uncheckedForMs } from './serving/pooling.ts';
import type { Source } from './sources.ts';
import {
  type Balance,
  type DeclaredPool,
  type DeclaredService,
  type Diagnostic,
  type Listener,
  plainRules,
} from './types.ts';

export interface Services {
  readonly services: readonly DeclaredService[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Where a service has got its place, and by whose word. */
export interface Placed extends Pick<ServiceListener, 'decider' | 'listenerApp'> {
  readonly listeners: readonly Listener[];
}

/**
 * The services of all listeners with their pools. A pool whose service does not exist waits, and is said to.
 * @param listeners by the app after which the service is named
 * @param isMeantElsewhere whether an entry is about a service that no label of this dialect declares
 * @param elsewhere what those services may be called: as an id, with how it is written
 */
export function servicesOf(
  apps: ReadonlyMap<AppId, App>,
  sources: readonly Source[],
  listeners: ReadonlyMap<AppId, Placed>,
  isMeantElsewhere: (app: AppId, service: AppId) => boolean,
  elsewhere: () => ReadonlyMap<string, string>,
): Services {
  const diagnostics: Diagnostic[] = [];
  const byId = new Map(sources.map((source) => [source.id, source]));
  const pools = new Map<AppId, DeclaredPool[]>([...listeners.keys()].map((id) => [id, []]));
  for (const source of sources) {
    if (source.app === null) continue;
    for (const member of membershipsOf(source)) {
      const placed = listeners.get(member.service);
      const behind = pools.get(member.service);
      if (placed === undefined || behind === undefined) {
        if (!isMeantElsewhere(source.id, member.service))
          diagnostics.push(unknownService(source, member.service, byId, pools, elsewhere()));
        continue;
      }
      const pool = poolOf(source, source.app, member, placed, diagnostics);
      if (pool !== null) behind.push(pool);
    }
  }
  const services = [...listeners].map(([id, placed]) => {
    const app = byId.has(id) ? undefined : apps.get(id);
    const adopted = app === undefined ? null : adoptedPool(app, placed, diagnostics);
    const all = [...(pools.get(id) ?? []), ...(adopted === null ? [] : [adopted])];
    return {
      id: serviceOf(id),
      listenerApp: placed.listenerApp.id,
      listenerGone: placed.listenerApp.app === null,
      listeners: placed.listeners,
      rules: plainRules,
      pools: all.sort((a, b) => b.priority - a.priority || compare(a.app, b.app)),
    };
  });
  return { services: services.sort((a, b) => compare(a.id, b.id)), diagnostics };
}

/** A listener app is a pool of its own service, whether `ab_config` says so or not. */
function membershipsOf({ id, intent }: Source): readonly MemberIntent[] {
  if (intent.listener === null || intent.members.some((each) => each.service === id)) return intent.members;
  return [plainMember(id), ...intent.members];
}

function poolOf(
  source: Source,
  app: App,
  member: MemberIntent,
  placed: Placed,
  diagnostics: Diagnostic[],
): DeclaredPool | null {
  const ref = member.port ?? inheritedPort(placed.decider, member.service);
  const index = portIndex(app.ports, ref);
  if (index === null) {
    // An app on its last good labels has been told what is wrong with its present ones.
    if (!source.fallback) diagnostics.push(missingPort(source, app, member.service, ref));
    return null;
  }
  const isListener = member.service === source.id && (source.intent.listener ?? member.listener) !== null;
  return poolFor(app, index, isListener ? 'listener' : 'member', member, source.intent.balance);
}

/** The pool of an app without labels, after which a service is named that others have declared. */
function adoptedPool(app: App, { decider }: Placed, diagnostics: Diagnostic[]): DeclaredPool | null {
  const ref = inheritedPort(decider, app.id);
  const index = portIndex(app.ports, ref);
  if (index !== null) return poolFor(app, index, 'member', plainMember(app.id), noAviProxy.balance);
  const about = { app: app.id, label: null, value: null };
  diagnostics.push(diagnose('port-missing', about, portNames(ref, app.id, app.ports)));
  return null;
}

/** What the app that declares the listener says of its own port holds for all. */
function inheritedPort({ intent }: Source, service: AppId): PortRef {
  return intent.members.find((each) => each.service === service)?.port ?? 0;
}

function poolFor(
  app: App,
  portIndex: number,
  role: DeclaredPool['role'],
  { priority, weight, ready, forMs, failover, drain, rollout }: MemberIntent,
  balance: Balance,
): DeclaredPool {
  const plainForMs = app.healthChecks.length === 0 ? uncheckedForMs : 0;
  return {
    app: app.id,
    portIndex,
    role,
    priority,
    weight,
    balance,
    ready: { ...ready, forMs: forMs ?? plainForMs },
    failover,
    drain,
    rollout,
  };
}

function missingPort(source: Source, app: App, service: AppId, ref: number | string): Diagnostic {
  const isWritten = source.intent.members.some((each) => each.service === service);
  const label = isWritten ? 'ab_config' : (source.intent.listener?.label ?? 'ab_config');
  const value = isWritten ? source.intent.abConfig : (source.intent.listener?.value ?? '');
  return diagnose('port-missing', { app: app.id, label, value }, portNames(ref, service, app.ports));
}

function unknownService(
  source: Source,
  service: AppId,
  byId: ReadonlyMap<AppId, Source>,
  services: ReadonlyMap<AppId, unknown>,
  elsewhere: ReadonlyMap<string, string>,
): Diagnostic {
  const about = { app: source.id, label: 'ab_config', value: source.intent.abConfig };
  // Marathon's own relative ids count from the app's group; those of the labels count from the root.
  const beside = `${source.id.slice(0, source.id.lastIndexOf('/'))}${service}` as AppId;
  // Versions are told apart by digits: app2 is hardly a slip for app1.
  const others = [...services.keys(), ...elsewhere.keys()].filter(
    (each) => withoutDigits(each) !== withoutDigits(service),
  );
  const near = services.has(beside) ? beside : nearest(service, others);
  const meant = near === null ? null : (elsewhere.get(near) ?? near);
  return diagnose('service-unknown', about, {
    service: show(service),
    why: byId.has(service) ? ', for that app is no listener' : '',
    hint:
      meant === null
        ? `Create the app ${show(service)} with FE-Proxy: yes or a virtualservice in avi_proxy, or correct the id`
        : `Did you mean "${meant}"? Else create the app ${show(service)} as a listener`,
  });
}

function withoutDigits(text: string): string {
  return text.replace(/\d/g, '');
}
