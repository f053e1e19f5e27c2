/** From Vamp's gateways to services: a route is a pool, its weight is explicit. */
import type { App } from '../../model/app.ts';
import { type AppId, safeName, type ServiceId, serviceOf } from '../../model/ids.ts';
import type { Allotment, Request } from '../allot.ts';
import { type Details, type DiagnosticCode, diagnose } from '../diagnostics.ts';
import { compare } from '../order.ts';
import { plainRollout } from '../rollout.ts';
import { merged } from '../serving/places.ts';
import { uncheckedForMs } from '../serving/pooling.ts';
import { listed, show } from '../show.ts';
import {
  type DeclaredCondition,
  type DeclaredPool,
  type DeclaredService,
  type DeclareOptions,
  type Diagnostic,
  plainReady,
  plainRules,
  type PoolTemplate,
} from '../types.ts';
import { gatewayId } from './gateway-listeners.ts';
import type { Gateway, GatewayRoute } from './gateway.ts';
import type { Destination } from './finding.ts';
import { resolver } from './resolve.ts';
import { templatesOf } from './rewrite.ts';

export interface GatewayServices {
  readonly services: readonly DeclaredService[];
  readonly diagnostics: readonly Diagnostic[];
  /** Sorted by id, each once. */
  readonly externals: readonly App[];
}

const nothing: GatewayServices = { services: [], diagnostics: [], externals: [] };

/** A route with where it leads. */
interface Led {
  readonly route: GatewayRoute;
  readonly destinations: readonly Destination[];
}

/**
 * The services of all gateways, each with the listeners that it got.
 * @param requests of the gateways, in their order
 * @param others the services that labels declare
 */
export function gatewayServices(
  apps: ReadonlyMap<AppId, App>,
  gateways: readonly Gateway[],
  requests: readonly Request[],
  { kept }: Allotment,
  others: readonly DeclaredService[],
  { allowTemplates }: DeclareOptions,
): GatewayServices {
  if (gateways.length === 0) return nothing;
  const diagnostics: Diagnostic[] = [];
  const externals = new Map<AppId, App>();
  const listenersOf = (index: number) => {
    const request = requests[index];
    return request === undefined ? [] : merged(kept.get(request) ?? []);
  };
  const addressOf = (gateway: Gateway) => {
    const own = listenersOf(gateways.indexOf(gateway)).find(({ hosts }) => hosts.length === 0);
    return own === undefined ? null : { host: own.address ?? '127.0.0.1', port: own.port };
  };
  const resolve = resolver(apps, gateways, addressOf);
  const taken = new Map<string, ServiceId>(others.map(({ id }) => [safeName(id), id]));

  const services = gateways.flatMap((gateway, index): readonly DeclaredService[] => {
    const app = gatewayId(gateway.name);
    const id = serviceOf(app);
    const other = taken.get(safeName(id));
    if (other !== undefined) {
      say(gateway, 'gateway-name-taken', { other });
      return [];
    }
    taken.set(safeName(id), id);
    const led = ledRoutes(gateway);
    if (gateway.routes.length === 0)
      say(gateway, 'gateway-selector-idle', { selector: show(gateway.selector ?? '') });
    else if (gateway.routes.every(({ weight }) => weight === 0)) say(gateway, 'gateway-weightless', {});
    const conditions = led.flatMap((each) => conditionsOf(gateway, each));
    return [
      {
        id,
        listenerApp: app,
        listenerGone: false,
        listeners: listenersOf(index),
        rules: { ...plainRules, sticky: gateway.sticky === 'instance' },
        pools: led
          .flatMap((each) => poolsOf(gateway, each, rewritesOf(gateway, each.route)))
          .sort((a, b) => compare(a.app, b.app)),
        ...(conditions.length > 0 && { conditions }),
        ...(gateway.ramp !== null && {
          ramp: { step: gateway.ramp.stepPercent * 100, holdMs: gateway.ramp.holdMs },
        }),
      },
    ];
  });
  return {
    services,
    diagnostics,
    externals: [...externals.values()].sort((a, b) => compare(a.id, b.id)),
  };

  /** An app is a pool of a service only once: the first route has it. */
  function ledRoutes(gateway: Gateway): readonly Led[] {
    const firsts = new Map<AppId, GatewayRoute>();
    return gateway.routes.flatMap((route): readonly Led[] => {
      const resolved = resolve(gateway, route);
      const named = { route: show(route.path) };
      if (resolved.kind !== 'found') {
        if (resolved.kind === 'unknown')
          say(gateway, 'gateway-route-unknown', { ...named, why: resolved.why });
        else if (resolved.kind === 'loop') say(gateway, 'gateway-route-loop', named);
        else say(gateway, 'gateway-route-port', { ...named, app: resolved.app });
        return [];
      }
      const destinations = resolved.destinations.filter(({ app }) => {
        const first = firsts.get(app.id);
        if (first !== undefined)
          say(gateway, 'gateway-route-twice', { ...named, first: show(first.path), app: app.id });
        return first === undefined;
      });
      for (const { app } of destinations) {
        firsts.set(app.id, route);
        if (!apps.has(app.id)) externals.set(app.id, app);
      }
      return destinations.length === 0 ? [] : [{ route, destinations }];
    });
  }

  function conditionsOf(gateway: Gateway, { route, destinations }: Led): readonly DeclaredCondition[] {
    const { condition, conditionStrength: strength } = route;
    const [first, ...rest] = destinations;
    if (condition === null || first === undefined) return [];
    if (rest.length === 0) return [{ app: first.app.id, condition, strength }];
    const ids = destinations.map(({ app }) => app.id);
    const details = { route: show(route.path), count: String(ids.length), apps: listed(ids, 5) };
    say(gateway, 'gateway-condition-shared', details);
    return [];
  }

  function rewritesOf(gateway: Gateway, { path, rewrites }: GatewayRoute): readonly PoolTemplate[] {
    if (rewrites.length === 0 || allowTemplates) return templatesOf(gateway.name, rewrites);
    say(gateway, 'gateway-rewrites-refused', { route: show(path) });
    return [];
  }

  function say<Code extends DiagnosticCode>(
    gateway: Gateway,
    code: Code,
    details: Omit<Details<Code>, 'gateway'>,
  ): void {
    const about = { app: gatewayId(gateway.name), label: null, value: null };
    diagnostics.push(diagnose(code, about, { ...details, gateway: gateway.name } as Details<Code>));
  }
}

/** Apps that carry one VIP share its weight evenly. */
function poolsOf(
  gateway: Gateway,
  { route, destinations }: Led,
  templates: readonly PoolTemplate[],
): readonly DeclaredPool[] {
  const { sticky, mode, immediate } = gateway;
  return destinations.map(({ app, portIndex }) => {
    // Nobody waits for what Marathon knows nothing of, but for the data plane's own check.
    const mayBeYoung = app.healthChecks.length === 0 && !app.id.startsWith('/external/');
    const ready = { ...plainReady, withinMs: null, forMs: mayBeYoung ? uncheckedForMs : 0 };
    return {
      app: app.id,
      portIndex,
      role: 'member',
      priority: 0,
      weight: route.weight / destinations.length,
      balance: route.balance ?? (mode === 'tcp' ? 'leastconn' : 'roundrobin'),
      ready: immediate ? { ...ready, instances: { count: 1 }, forMs: 0 } : ready,
      failover: true,
      drain: { timeoutMs: 600_000, then: 'close' },
      rollout: sticky === null ? plainRollout : { ...plainRollout, affinity: 'cookie' },
      ...(templates.length > 0 && { templates }),
    };
  });
}
