/** Endpoints that events took out after a turn took its picture of Marathon: what that turn applies must not bring them back. */
import type { ServerName } from '../model/ids.ts';
import type { ServiceVerdict } from '../plan/verdict.ts';

export interface Withdrawn {
  add(servers: Iterable<ServerName>): void;
  /** A new picture is taken, which knows of all that was taken out before. */
  forget(): void;
  servers(): ReadonlySet<ServerName>;
  /** The verdict, with these endpoints out of rotation. */
  heldIn(services: readonly ServiceVerdict[]): readonly ServiceVerdict[];
}

export function createWithdrawn(): Withdrawn {
  const out = new Set<ServerName>();
  return {
    add: (servers) => {
      for (const server of servers) out.add(server);
    },
    forget: () => out.clear(),
    servers: () => new Set(out),
    heldIn: (services) => (out.size === 0 ? services : services.map((service) => held(service, out))),
  };
}

function held(service: ServiceVerdict, out: ReadonlySet<ServerName>): ServiceVerdict {
  return {
    ...service,
    pools: service.pools.map((pool) => ({
      ...pool,
      endpoints: pool.endpoints.map((endpoint) =>
        out.has(endpoint.server) ? { ...endpoint, rotation: 'hold' } : endpoint,
      ),
    })),
  };
}
