/** A gateway as Vamp writes it: what reading it again makes the same gateway of. */
import { conditionText } from './condition-text.ts';
import type { Gateway, GatewayRoute } from './gateway.ts';
import { rewriteText } from './rewrite.ts';

export type Artifact = Readonly<Record<string, unknown>>;

/** For JSON and YAML. What Vamp has no word for stands below `metadata`. */
export function gatewayArtifact(gateway: Gateway): Artifact {
  const { name, port, mode, sticky, virtualHosts, selector, service, routes, ramp, immediate, createdAt } =
    gateway;
  const metadata = {
    ...(ramp !== null && { step: `${ramp.stepPercent}%`, hold: `${ramp.holdMs}ms` }),
    ...(immediate && { immediate }),
    ...(createdAt !== undefined && { created: createdAt }),
  };
  return {
    name,
    kind: 'gateways',
    metadata,
    port: `${port}/${mode}`,
    sticky,
    virtual_hosts: virtualHosts,
    ...(selector !== undefined && { selector }),
    ...(service !== undefined && {
      service: { host: service.host, port: `${service.port}/${service.mode}` },
    }),
    routes: Object.fromEntries(routes.map((route) => [route.path, routeArtifact(route)])),
  };
}

function routeArtifact({
  target,
  weight,
  condition,
  conditionStrength,
  balance,
  rewrites,
}: GatewayRoute): Artifact {
  return {
    ...(target.kind === 'selector' && { selector: target.selector }),
    weight: `${weight}%`,
    condition: condition === null ? null : { condition: conditionText(condition) },
    condition_strength: `${conditionStrength}%`,
    balance: balance ?? 'default',
    rewrites: rewrites.map((rewrite) => ({ path: rewriteText(rewrite) })),
  };
}
