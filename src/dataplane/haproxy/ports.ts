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

const texts: Readonly<Record<Refusal, readonly [string, string]>> = {
  'port-taken': [
    'Another process listens on this port.',
    'Stop that process, or move the port with --map-port, for example --map-port 80=18080.',
  ],
  'port-forbidden': [
    'This port needs a right that Baton does not have.',
    'Move the port with --map-port 80=18080, or run Baton with CAP_NET_BIND_SERVICE.',
  ],
  'address-missing': [
    'This machine does not have this address.',
    'Give the machine the address, or listen on another one with --bind.',
  ],
};

export function portDiagnostic(refusal: Refusal, frontend: Frontend, app: AppId): Diagnostic {
  const [problem, remedy] = texts[refusal];
  return diagnostic(refusal, 'error', app, frontend.key, problem, remedy);
}
