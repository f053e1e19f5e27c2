/** What happened to gateways, for the log and for the history. */
import { conditionText } from '../declared/vamp/condition-text.ts';
import type { Gateway } from '../declared/vamp/gateway.ts';
import { duration } from '../plan/transition/reasons.ts';
import type { GatewayFact } from './gateway-facts.ts';
import { type Line, line } from './line.ts';

export const gatewayMessages: Readonly<Record<GatewayFact['kind'], string>> = {
  'gateway-changed': 'a gateway was applied or deleted by somebody',
  'gateway-regrouped': 'the selector of a gateway makes other routes',
};

export function gatewayLine(fact: GatewayFact): Line {
  const { kind, gateway, ...fields } = fact;
  const routes = gateway === null ? null : routesText(gateway);
  return line('info', gatewayMessages[kind], { ...fields, routes });
}

export function gatewayText(fact: GatewayFact): string {
  if (fact.kind === 'gateway-regrouped') {
    const { came, gone, gateway } = fact;
    const parts = [
      ...(came.length === 0 ? [] : [`finds ${came.join(' and ')}`]),
      ...(gone.length === 0 ? [] : [`finds ${gone.join(' and ')} no more`]),
    ];
    return `the selector ${parts.join(', and ')}: ${routesText(gateway)}`;
  }
  const { by, outcome, gateway, problems } = fact;
  if (outcome === 'refused')
    return `${by} wanted to change the gateway, and was refused: ${problems.join(' ')}`;
  const now = gateway === null ? '' : `: ${routesText(gateway)}${paceText(gateway)}`;
  return `${by} ${outcome === 'unchanged' ? 'changed nothing of' : outcome} the gateway${now}`;
}

function routesText({ routes }: Gateway): string {
  if (routes.length === 0) return 'no routes';
  return routes
    .map(({ path, weight, condition, conditionStrength }) => {
      const led =
        condition === null ? '' : ` (${conditionStrength} % of those with ${conditionText(condition)})`;
      return `${path} ${weight} %${led}`;
    })
    .join(', ');
}

function paceText({ ramp, immediate }: Gateway): string {
  const slowly = ramp === null ? '' : `; ${ramp.stepPercent} % at a time, each for ${duration(ramp.holdMs)}`;
  return `${slowly}${immediate ? '; at once' : ''}`;
}
