/** Endpoints that events took out after a turn took its picture of Marathon: what that turn applies must not bring them back. */
import type { Driver, Scope } from '../dataplane/driver.ts';
import type { ServerName } from '../model/ids.ts';
import type { Observer } from '../observe/facts.ts';
import type { ServiceVerdict } from '../plan/verdict.ts';

export interface Withdrawn {
  /** Takes them out at once. @param scope the services that they may be in */
  take(servers: ReadonlySet<ServerName>, scope: Scope): void;
  /** Takes them out once more: what was on its way meanwhile may have brought them back. */
  again(signal: AbortSignal): Promise<void>;
  /** Resolves when all that was begun until now has ended, well or not. */
  settled(): Promise<void>;
  /** A new picture is taken, which knows of all that was taken out before. */
  forget(): void;
  /** The verdict, with these endpoints out of rotation. */
  heldIn(services: readonly ServiceVerdict[]): readonly ServiceVerdict[];
}

const timeoutMs = 2000;

/** @param failed called when the data plane did not take some out at once */
export function createWithdrawn(
  driver: Pick<Driver, 'withdraw'>,
  publish: Observer,
  failed: (error: unknown) => void,
): Withdrawn {
  const out = new Set<ServerName>();
  let leaving: Promise<void> = Promise.resolve();
  return {
    take(servers, scope) {
      for (const server of servers) out.add(server);
      const begun = driver
        .withdraw(servers, AbortSignal.timeout(timeoutMs), scope)
        .then((count) => publish({ kind: 'endpoints-withdrawn', count }), failed);
      leaving = Promise.all([leaving, begun]).then(() => undefined);
    },
    async again(signal) {
      if (out.size > 0) await driver.withdraw(new Set(out), signal);
    },
    settled: () => leaving,
    forget: () => out.clear(),
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
