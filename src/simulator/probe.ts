/** One probe of a task, as Marathon's own health checks make it: an HTTP request or a TCP connect. */
import http from 'node:http';
import net from 'node:net';
import type { ProbeResult } from './instance-health.ts';

/** By this the simulated tasks tell Marathon's probes from requests. */
export const probeAgent = 'Marathon-simulator-healthcheck';

export interface ProbeTarget {
  readonly kind: 'http' | 'tcp';
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

/** Never rejects; gives up after `timeoutMs`. Any status from 200 to 399 is success. */
export function probe(target: ProbeTarget, timeoutMs: number, signal: AbortSignal): Promise<ProbeResult> {
  return target.kind === 'http' ? probeHttp(target, timeoutMs, signal) : probeTcp(target, timeoutMs, signal);
}

function probeHttp(target: ProbeTarget, timeoutMs: number, signal: AbortSignal): Promise<ProbeResult> {
  const failed = (cause: string): ProbeResult => ({ alive: false, cause });
  return askHttp(target, timeoutMs, signal, resultOf, failed);

  function resultOf(response: http.IncomingMessage): ProbeResult {
    response.resume();
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 400) return { alive: true };
    return failed(`${status} ${response.statusMessage ?? ''}`.trim());
  }
}

/** One GET, as a probe. Never rejects: what `failed` makes of the cause stands for an answer that did not come. */
export function askHttp<T>(
  target: Pick<ProbeTarget, 'host' | 'port' | 'path'>,
  timeoutMs: number,
  signal: AbortSignal,
  read: (response: http.IncomingMessage) => T | Promise<T>,
  failed: (cause: string) => T,
): Promise<T> {
  return new Promise((resolve) => {
    const fail = (cause: string): void => resolve(failed(cause));
    const request = http.get(
      {
        host: target.host,
        port: target.port,
        path: target.path.startsWith('/') ? target.path : `/${target.path}`,
        agent: false,
        headers: { 'user-agent': probeAgent, connection: 'close' },
        signal,
      },
      (response) => {
        void Promise.resolve(read(response)).then(resolve, (error: unknown) =>
          fail(error instanceof Error ? error.message : String(error)),
        );
      },
    );
    const timer = setTimeout(() => {
      fail('Timeout');
      request.destroy();
    }, timeoutMs);
    request.on('error', (error) => fail(error.message));
    request.on('close', () => clearTimeout(timer));
  });
}

function probeTcp(target: ProbeTarget, timeoutMs: number, signal: AbortSignal): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: target.host, port: target.port, signal });
    const end = (result: ProbeResult): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => end({ alive: false, cause: 'Timeout' }), timeoutMs);
    socket.on('connect', () => end({ alive: true }));
    socket.on('error', (error) => end({ alive: false, cause: error.message }));
  });
}
