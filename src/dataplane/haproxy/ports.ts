/** Binds a port once before HAProxy is to: `haproxy -c` does not notice that it cannot. */
import { createServer } from 'node:net';
import type { Diagnostic } from '../../declared/types.ts';
import type { AppId } from '../../model/ids.ts';
import { diagnostic } from '../diagnostics.ts';
import type { Frontend } from './frontends.ts';

export type Refusal = 'port-taken' | 'port-forbidden' | 'address-missing';

/** Why the port cannot be bound now; null when it can. */
export function probePort(frontend: Frontend): Promise<Refusal | null> {
  const { promise, resolve } = Promise.withResolvers<Refusal | null>();
  const server = createServer();
  server.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EACCES' || error.code === 'EPERM') resolve('port-forbidden');
    else if (error.code === 'EADDRNOTAVAIL') resolve('address-missing');
    else resolve('port-taken');
  });
  const host = frontend.address === '*' ? '0.0.0.0' : frontend.address;
  server.listen({ host, port: frontend.port, exclusive: true }, () => server.close(() => resolve(null)));
  return promise;
}

export function portDiagnostic(refusal: Refusal, frontend: Frontend, app: AppId | null): Diagnostic {
  return diagnostic(refusal, app, frontend.key);
}
