/** A HAProxy with backends as marathon-lb writes and names them, and its statistics page. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { findBinary } from '../../src/dataplane/haproxy/binary.ts';
import { freePorts } from './free-ports.ts';
import { until } from './wait.ts';

export interface OtherServer {
  readonly name: string;
  /** `host:port` */
  readonly address: string;
}

export interface OtherHaproxy {
  /** As people know it, without `;csv`. */
  readonly page: string;
  readonly socket: string;
  /** Runs with these backends from now on, by name. */
  render(backends: Readonly<Record<string, readonly OtherServer[]>>): Promise<void>;
  end(): Promise<void>;
}

/** @param auth `user:password` */
export async function otherHaproxy(auth: string | null = null): Promise<OtherHaproxy> {
  const directory = await mkdtemp(join(tmpdir(), 'b-'));
  const [statistics, web] = await freePorts(2);
  const socket = join(directory, 's');
  const page = `http://127.0.0.1:${statistics}/haproxy?stats`;
  const login: Record<string, string> =
    auth === null ? {} : { authorization: `Basic ${Buffer.from(auth).toString('base64')}` };
  let child: ChildProcess | null = null;
  onTestFinished(async () => {
    await end();
    await rm(directory, { recursive: true, force: true });
  });

  async function end(): Promise<void> {
    const ended = child;
    child = null;
    if (ended === null || ended.exitCode !== null || ended.signalCode !== null) return;
    ended.kill('SIGKILL');
    await once(ended, 'exit');
  }

  return {
    page,
    socket,
    end,
    async render(backends) {
      await end();
      const text = [
        'global',
        `  stats socket ${socket} mode 600 level admin`,
        'defaults',
        '  mode http',
        '  timeout connect 3s',
        '  timeout client 30s',
        '  timeout server 30s',
        'listen stats',
        `  bind 127.0.0.1:${statistics}`,
        '  stats enable',
        '  stats uri /haproxy?stats',
        ...(auth === null ? [] : [`  stats auth ${auth}`]),
        'frontend marathon_http_in',
        `  bind 127.0.0.1:${web}`,
        ...Object.entries(backends).flatMap(([name, servers]) => [
          `backend ${name}`,
          ...servers.map(
            ({ name, address }) => `  server ${name} ${address} check inter 100ms fall 1 rise 1`,
          ),
        ]),
        '',
      ].join('\n');
      const file = join(directory, 'haproxy.cfg');
      await writeFile(file, text);
      child = spawn(await findBinary(null), ['-db', '-f', file], { stdio: 'ignore' });
      await until('the other HAProxy', async () => {
        const answer = await fetch(`${page};csv`, { headers: login });
        return answer.ok && (await answer.text()).includes('stats,BACKEND');
      });
    },
  };
}
