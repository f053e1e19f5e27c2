/** The list of endpoints for scripts that GET /v2/tasks answers to `Accept: text/plain`, until 1.9. */
import { isHostNetwork, isPod, portsOf } from './definition.ts';
import type { App, Instance } from './world.ts';

/** A line for each service port of each app: id, port and endpoints, a tab after each (Marathon's `EndpointsHelper`). */
export function endpointsText(apps: Iterable<App>): string {
  return [...apps].flatMap(linesOf).join('');
}

function linesOf({ def, id, instances }: App): readonly string[] {
  if (def === null || isPod(def) || !isListed(def)) return [];
  const running = [...instances.values()].filter(({ condition }) => condition === 'Running');
  const name = id.slice(1).replaceAll('/', '_');
  const ports = portsOf(def);
  if (ports.length === 0) return [`${name}\t \t${running.map(({ task }) => `${task?.host} `).join('')}\n`];
  return ports.map((port, index) => {
    const servicePort = 'servicePort' in port ? port.servicePort : port.port;
    return `${name}\t${servicePort}\t${running.map((each) => `${endpointOf(each, port, index)}\t`).join('')}\n`;
  });
}

/** Apps with addresses of their own are listed only where Docker runs them. */
function isListed(def: NonNullable<App['def']>): boolean {
  return (
    isHostNetwork(def) ||
    def.networks.some(({ mode }) => mode === 'container/bridge') ||
    def.container?.docker !== undefined
  );
}

function endpointOf(
  { def, task }: Instance,
  port: ReturnType<typeof portsOf>[number],
  index: number,
): string {
  if ('containerPort' in port && port.hostPort === undefined) return `${task?.address}:${port.containerPort}`;
  const withPort = portsOf(def).slice(0, index);
  const at = withPort.filter((each) => !('containerPort' in each) || each.hostPort !== undefined).length;
  return `${task?.host}:${task?.ports[at] ?? 0}`;
}
