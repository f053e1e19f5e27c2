/** An app's network mode and ports, from both formats: 1.4 with `docker.network` and `ipAddress`, 1.5 with `networks`. */
import type { AppPort, NetworkMode } from '../model/app.ts';
import type { WireApp, WirePort } from './schema.ts';

/** Marathon 1.5's upgrade notes map HOST to `host`, BRIDGE to `container/bridge`, USER and `ipAddress` to `container`. */
export function networkOf(app: WireApp): NetworkMode {
  const mode = app.networks[0]?.mode ?? null;
  if (mode !== null) return mode === 'host' ? 'host' : mode === 'container/bridge' ? 'bridge' : 'container';
  const docker = app.container?.docker?.network ?? null;
  if (docker === 'BRIDGE') return 'bridge';
  if (docker === 'USER' || app.ipAddress !== null) return 'container';
  return 'host';
}

/** The app's ports in index order. */
export function portsOf(app: WireApp): readonly AppPort[] {
  if (networkOf(app) === 'host') {
    if (app.portDefinitions.length > 0)
      return app.portDefinitions.map((port, at) => named(port, at, port.port, null));
    return app.ports.map((port, index) => ({
      index,
      name: null,
      protocol: 'tcp',
      servicePort: port,
      containerPort: null,
      labels: {},
    }));
  }
  const mappings = app.container?.portMappings ?? [];
  const wired = mappings.length > 0 ? mappings : (app.container?.docker?.portMappings ?? []);
  if (wired.length > 0) return wired.map((port, at) => named(port, at, port.servicePort, port.containerPort));
  return (app.ipAddress?.discovery?.ports ?? []).map((port, at) => named(port, at, null, port.number));
}

function named(
  wire: WirePort,
  index: number,
  servicePort: number | null,
  containerPort: number | null,
): AppPort {
  return { index, name: wire.name, protocol: wire.protocol, servicePort, containerPort, labels: wire.labels };
}
