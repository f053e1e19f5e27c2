/** What flags make of a real HAProxy: statistics, PROXY headers, access logs, limits. */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import type { HaproxyOptions } from '../../../src/dataplane/haproxy/options.ts';
import type { ServiceTarget } from '../../../src/plan/target.ts';
import { freePorts } from '../../support/free-ports.ts';
import { request } from '../../support/load.ts';
import { endpoints, pool, service } from '../../support/targets.ts';
import { until } from '../../support/wait.ts';
import { deadline, enter, openStage, type Stage } from './stage.ts';

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.dispose();
  stage = undefined;
});

async function serve(
  options: Partial<HaproxyOptions>,
): Promise<{ stage: Stage; port: number; target: readonly ServiceTarget[] }> {
  const opened = await openStage(options);
  stage = opened;
  const farm = await opened.farm('app', 1);
  const [port] = (await freePorts(1)) as [number];
  const target = [service('/app', port, [pool('/app', 'a', 10_000, endpoints('app', farm.ports))])];
  await enter(opened.driver, target);
  return { stage: opened, port, target };
}

async function globalText({ dir }: Stage): Promise<string> {
  return readFile(join(dir, 'haproxy', 'global.cfg'), 'utf8');
}

test('statistics and health are where marathon-lb had them, and nowhere unless asked for', async () => {
  const [statistics] = (await freePorts(1)) as [number];
  const { port } = await serve({ statistics: { host: '127.0.0.1', port: statistics } });
  const at = async (path: string) => request(statistics, { path });
  expect((await at('/_haproxy_health_check')).status).toBe(200);
  expect((await at('/haproxy?stats')).body).toContain('app:a');
  expect((await at('/haproxy?stats;csv')).body).toMatch(/^# pxname,svname,[^]*\napp:a,app-0,/);
  expect((await at('/')).status).toBe(404);
  expect((await request(port, { path: '/_haproxy_health_check' })).status).toBe(200);
});

test('what marathon-lb had there about its configuration comes from the API, however long, while there is one', async () => {
  const [statistics] = (await freePorts(1)) as [number];
  // As long as the configuration of some thousand services: far more than HAProxy could return by itself.
  const long = 'x'.repeat(5_000_000);
  const api = createHttpServer(({ url }, response) => response.end(`${url} ${long}`));
  api.listen(0, '127.0.0.1');
  await once(api, 'listening');
  const { port: apiPort } = api.address() as AddressInfo;
  const { stage: opened, port } = await serve({
    statistics: { host: '127.0.0.1', port: statistics },
    api: () => `0.0.0.0:${apiPort}`,
  });
  const at = async (path: string) => request(statistics, { path });
  for (const [path, to] of [
    ['/_haproxy_getconfig', '/v1/haproxy/config'],
    ['/_haproxy_getvhostmap', '/v1/haproxy/vhostmap'],
    ['/_haproxy_getappmap', '/v1/haproxy/appmap'],
  ] as const) {
    const { status, body } = await at(path);
    expect([status, body.slice(0, 40).split(' ')[0], body.length]).toEqual([
      200,
      to,
      long.length + to.length + 1,
    ]);
  }
  // Nothing else of the API, which may not be meant for whoever comes here.
  for (const path of ['/v1/services', '/metrics', '/v1/haproxy/config'])
    expect((await at(path)).status).toBe(404);
  expect((await at('/haproxy?stats')).body).toContain('app:a');
  const config = await opened.driver.configuration();
  expect(config).toContain('\nbackend app:a from ');
  expect(config.indexOf('\nglobal\n')).toBeLessThan(config.indexOf('# services/app.cfg'));
  api.close();
  api.closeAllConnections();
  await once(api, 'close');
  expect(await at('/_haproxy_getconfig')).toMatchObject({ status: 503, body: '503 Baton does not run\n' });
  expect((await request(port)).status).toBe(200);
});

test('the configuration that people are shown holds no password', async () => {
  const { stage: opened, target } = await serve({});
  const password = '$1$abcdefgh$F8.gCxtfCnAYhuQnyQs8b0';
  const auth = { realm: 'shop', user: 'anna', password };
  const guarded = target.map((each) => ({ ...each, rules: { ...each.rules, auth } }));
  await opened.driver.apply(guarded, deadline());
  const shown = await opened.driver.configuration();
  expect(shown).toContain('  user anna password (not shown)\n');
  expect(shown).not.toContain(password);
});

test('a request says by a header for which app it is', async () => {
  const [byId] = (await freePorts(1)) as [number];
  const { stage: opened, target } = await serve({ appIds: { host: '127.0.0.1', port: byId } });
  const { driver } = opened;
  const next = await opened.farm('next', 1);
  const [first] = target;
  if (first === undefined) throw new Error('there is one');
  const both = [{ ...first, pools: [...first.pools, pool('/next', 'b', 0, endpoints('next', next.ports))] }];
  await enter(driver, both);
  const who = async (id: string): Promise<string> => {
    const answer = await request(byId, { headers: { 'X-Marathon-App-Id': id } });
    return answer.status === 200 ? JSON.parse(answer.body).app : String(answer.status);
  };
  expect(await Promise.all(['/app', '/APP', '/next', '/nobody', ''].map(who))).toEqual([
    'app',
    'app',
    'next',
    '503',
    '503',
  ]);
  const scope = new Set([first.service]);
  expect(await driver.verify(both, deadline(), scope)).toEqual({ outcome: 'yes' });
  expect((await driver.verify([first], deadline(), scope)).outcome).toBe('no');
  expect((await driver.apply([], deadline(), scope)).reloads).toBe(0);
  expect(await who('/app')).toBe('503');
});

test('a taken port for statistics is a diagnostic of nobody, and the services are served', async () => {
  const squatter = createServer();
  squatter.listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  const { port: taken } = squatter.address() as { readonly port: number };
  const {
    stage: opened,
    port,
    target,
  } = await serve({ portRetryMs: 0, statistics: { host: '127.0.0.1', port: taken } });
  const { diagnostics } = await opened.driver.apply(target, deadline());
  expect(diagnostics.map(({ app, code }) => [app, code])).toEqual([[null, 'port-taken']]);
  expect((await request(port)).status).toBe(200);
  squatter.close();
  await once(squatter, 'close');
  expect((await opened.driver.apply(target, deadline())).reloads).toBe(1);
  expect((await request(taken, { path: '/_haproxy_health_check' })).status).toBe(200);
});

test('a PROXY header says who the client is', async () => {
  const { port } = await serve({ proxyProtocol: true });
  const socket = createConnection({ host: '127.0.0.1', port });
  socket.write(
    'PROXY TCP4 192.0.2.7 192.0.2.1 4711 443\r\nGET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  );
  const answer = Buffer.concat(await socket.toArray()).toString();
  expect(answer).toContain('"x-forwarded-for":"192.0.2.7"');
  expect(answer).toContain('"x-forwarded-port":"443"');
  await expect(request(port)).rejects.toThrow(/ECONNRESET|socket hang up/);
});

test.each([
  [{}, ['x-forwarded-for', 'x-forwarded-port', 'x-forwarded-proto']],
  [{ forwardedHeaders: false }, []],
] as const)('tasks are told of the client, or not: %j', async (settings, told) => {
  const { port } = await serve(settings);
  const { headers } = JSON.parse((await request(port)).body) as {
    headers: Readonly<Record<string, string>>;
  };
  const names = Object.keys(headers).filter((name) => name.startsWith('x-forwarded'));
  expect(names.toSorted()).toEqual(told);
});

test.each([
  [{}, '  retries 20\n  option redispatch 1\n  retry-on'],
  [{ redispatch: false }, '  retries 3\n  retry-on'],
] as const)('a request whose server refuses is tried on another one, or not: %j', async (settings, lines) => {
  const { stage: opened } = await serve(settings);
  expect(await globalText(opened)).toContain(lines);
});

test('each request is told of to a syslog server', async () => {
  const server = createSocket('udp4');
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  const lines: string[] = [];
  server.on('message', (line) => lines.push(String(line)));
  const { port } = await serve({ log: `127.0.0.1:${server.address().port}` });
  await request(port, { path: '/told' });
  await until('it is told of', () => lines.length > 0);
  expect(lines.join('\n')).toMatch(/app:a\/app-0 .* 200 .*GET \/told/);
  server.close();
});

test('or to the standard output of Baton', async () => {
  const { stage: opened, port, target } = await serve({ mode: 'bound' });
  await opened.driver.stop(deadline());
  const script = fileURLToPath(new URL('./driver-child.ts', import.meta.url));
  const options = JSON.stringify({ mode: 'bound', log: 'stdout' });
  const child = spawn(process.execPath, [script, opened.dir, JSON.stringify(target), options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (text) => {
    output += String(text);
  });
  await until('it serves', () => output.includes('applied'));
  await request(port, { path: '/told' });
  await until('it is told of', () => output.includes('/told'));
  expect(output).toMatch(/app:a\/app-0 .* 200 .*GET \/told/);
  child.kill('SIGKILL');
  await once(child, 'exit');
});

test('limits are as asked for, also after an adoption by a Baton with other ones', async () => {
  const { stage: opened, target } = await serve({ timeouts: { client: 30_000 }, listenerConnections: 77 });
  const text = await globalText(opened);
  expect(text).toContain('\n  timeout client 30000ms\n');
  expect(text).toContain('\n  timeout server 30000ms\n');
  expect(text).toContain('\n  maxconn 77\n');
  await opened.driver.stop(deadline());
  const { driver } = opened.another({ timeouts: { client: 31_000 } });
  await driver.start(deadline());
  expect((await driver.apply(target, deadline())).reloads).toBe(1);
  expect(await globalText(opened)).toContain('\n  timeout client 31000ms\n');
  expect((await driver.apply(target, deadline())).reloads).toBe(0);
});

test('a HAProxy that an older Baton started with fewer maps is loaded anew', async () => {
  const { stage: opened, port, target } = await serve({});
  await opened.driver.stop(deadline());
  const map = join(opened.dir, 'haproxy', 'maps', 'paths.map');
  await rm(map);
  const { driver, notices } = opened.another();
  await driver.start(deadline());
  expect(notices.map(({ kind }) => kind)).toEqual(['adopted']);
  expect(await readFile(map, 'utf8')).toBe('');
  expect(await driver.verify(target, deadline())).toEqual({ outcome: 'yes' });
  expect((await request(port)).status).toBe(200);
});
