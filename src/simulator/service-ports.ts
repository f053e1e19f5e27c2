/** Service ports: those that are written as 0 get one of their own that no other app of the cluster has. */
import type { Draft } from './complete.ts';
import { type AppDefinition, isHostNetwork, servicePortsOf } from './definition.ts';
import { unprocessable } from './api-error.ts';

/** Marathon's `--local_port_min` and `--local_port_max`. */
const range = { first: 10_000, last: 20_000 };

/**
 * Replaces every 0 by the lowest free port, or by one that the app had before and does not name any more
 * (Marathon's `AssignDynamicServiceLogic`).
 * @throws ApiError 422 when all ports are taken
 */
export function assignServicePorts(
  app: Draft,
  before: AppDefinition | undefined,
  taken: ReadonlySet<number>,
): Draft {
  const written = new Set(
    isHostNetwork(app)
      ? app.portDefinitions?.map((each) => each.port)
      : app.container?.portMappings?.map((each) => each.servicePort),
  );
  const own = (before === undefined ? [] : servicePortsOf(before)).filter(
    (port) => port >= range.first && port <= range.last && !written.has(port),
  );
  const used = new Set([...taken, ...written]);
  const next = (wanted: number): number => {
    if (wanted !== 0) return wanted;
    const port = own.shift() ?? lowestFree(used);
    used.add(port);
    return port;
  };
  if (isHostNetwork(app)) {
    if (app.portDefinitions === undefined) return app;
    return {
      ...app,
      portDefinitions: app.portDefinitions.map((each) => ({ ...each, port: next(each.port) })),
    };
  }
  if (app.container?.portMappings === undefined) return app;
  const portMappings = app.container.portMappings.map((each) => ({
    ...each,
    servicePort: next(each.servicePort),
  }));
  return { ...app, container: { ...app.container, portMappings } };
}

function lowestFree(used: ReadonlySet<number>): number {
  for (let port = range.first; port <= range.last; port += 1) {
    if (!used.has(port)) return port;
  }
  throw unprocessable(`Service port range [${range.first}, ${range.last}] exhausted`);
}
