/** Where everything of HAProxy's lies in the state directory. */
import { join } from 'node:path';
import { DataPlaneError } from '../errors.ts';

/** HAProxy runs with `dir` as its working directory, so its configuration holds no path from outside. */
export interface Layout {
  readonly dir: string;
  readonly services: string;
  readonly maps: string;
  readonly tls: string;
  readonly global: string;
  readonly runtimeSocket: string;
  readonly masterSocket: string;
  readonly log: string;
  readonly pid: string;
}

export const mapNames = [
  'hosts',
  'paths',
  'anycase',
  'apps',
  'split',
  'match',
  'affinity',
  'conditions',
  'sticky',
  'failover',
  'checks',
] as const;
export type MapName = (typeof mapNames)[number];

/** The map's name in the configuration and on the runtime socket: relative to HAProxy's working directory. */
export function mapPath(map: MapName): string {
  return `maps/${map}.map`;
}

/** The number of the open file that a bound HAProxy tells of requests to. */
export const logFile = 3;

export const failoverSocket = 'failover.sock';
export const waitSocket = 'wait.sock';
export const againSocket = 'again.sock';
export const tcpFailoverSocket = 'tcp-failover.sock';
export const tcpWaitSocket = 'tcp-wait.sock';

/** HAProxy binds sockets under a temporary, longer name first; the kernel takes 107 bytes. */
const longestSocketPath = 96;

/** @throws DataPlaneError when sockets in that directory would have too long a path */
export function layoutIn(stateDir: string): Layout {
  const dir = join(stateDir, 'haproxy');
  const masterSocket = join(dir, 'master.sock');
  const runtimeSocket = join(dir, 'runtime.sock');
  if (Buffer.byteLength(runtimeSocket) > longestSocketPath) {
    throw new DataPlaneError(
      'data-plane-state-unusable',
      `the state directory's path is too long for sockets (${Buffer.byteLength(runtimeSocket)} bytes, ${longestSocketPath} fit): ${stateDir}`,
    );
  }
  return {
    dir,
    services: join(dir, 'services'),
    maps: join(dir, 'maps'),
    tls: join(dir, 'tls'),
    global: join(dir, 'global.cfg'),
    runtimeSocket,
    masterSocket,
    log: join(dir, 'haproxy.log'),
    pid: join(stateDir, 'haproxy.pid'),
  };
}
