/** One team's mistake: a bad label changes nothing of another app, never reaches HAProxy, and is one diagnostic. */
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { listenerApp, versionApp } from '../support/apps.ts';
import { freePort } from '../support/free-ports.ts';
import { until } from '../support/wait.ts';
import { answered, answering, expectNoFailure, setStage } from './stage.ts';

const directives = 'x\n  bind *:1\nbackend evil\n  server s 127.0.0.1:1';

const badLabels: Readonly<Record<string, string>> = {
  'no-json': '{"service": "app1" "priority": 10}',
  'line-break': JSON.stringify({ service: directives, priority: 10 }),
  large: JSON.stringify({ service: 'app1', priority: 10, note: 'x'.repeat(100_000) }),
  unicode: '{"service": "app1", "priority": "十"}',
};

it('a bad label is one diagnostic, disturbs nobody, and never reaches HAProxy', async () => {
  const stage = await setStage();
  const baton = await stage.startBaton();
  await stage.post(listenerApp('app1'));
  await stage.carried({ app1: 100 });
  const load = stage.load();
  for (const [name, label] of Object.entries(badLabels)) {
    await stage.post({ ...versionApp(name, {}), labels: { proxy_listener: 'no', ab_config: label } });
    const found = await until(`a diagnostic about ${name}`, async () => {
      const about = (await baton.diagnostics()).filter((each) => each.app === `/${name}`);
      return about.length > 0 ? about : false;
    });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ label: 'ab_config' });
    expect(found[0]?.problem.length).toBeGreaterThan(10);
    expect(found[0]?.remedy.length).toBeGreaterThan(10);
  }
  await answered(load, 500);
  expect((await baton.service('/app1')).pools.map((pool) => pool.app)).toEqual(['/app1']);
  expect(await configuration(stage.stateDir)).not.toMatch(/evil|xxxx|十/);
  expect(Object.keys(await expectNoFailure(load))).toEqual(['/app1']);
});

it('a mistake on a running version leaves its last good label in force', async () => {
  const stage = await setStage();
  const baton = await stage.startBaton();
  await stage.post(listenerApp('app1'));
  await stage.post(versionApp('app1-100', { service: 'app1', priority: 10 }));
  await stage.carried({ 'app1-100': 100 });
  await stage.put('app1-100', {
    labels: { proxy_listener: 'no', ab_config: '{"service": "app1", "priority": "high"}' },
  });
  await until('a diagnostic', async () =>
    (await baton.diagnostics()).some((each) => each.app === '/app1-100' && each.severity === 'error'),
  );
  await stage.carried({ 'app1-100': 100 });
  // Its tasks are being replaced; on a busy machine HAProxy may lead to the other version for a moment.
  const { pools } = await baton.service('/app1');
  expect(pools.find(({ app }) => app === '/app1-100')?.priority).toBe(10);
  await until('it to answer all requests', async () => (await answering(stage.port, 20))['/app1-100'] === 20);
});

it('two services that want one port: the older keeps it, the other is told', async () => {
  const stage = await setStage();
  const baton = await stage.startBaton();
  await stage.post(listenerApp('app1'));
  await stage.carried({ app1: 100 });
  await stage.post(listenerApp('shop'));
  const conflict = await until('a diagnostic', async () =>
    (await baton.diagnostics()).find((each) => each.code === 'listener-conflict'),
  );
  expect(conflict).toMatchObject({ app: '/shop', severity: 'error' });
  expect(await answering(stage.port, 20)).toEqual({ '/app1': 20 });
});

it('a port that is taken is a diagnostic, and the others serve', async () => {
  const stage = await setStage();
  const taken = Number(new URL(stage.simulator.url).port);
  const baton = await stage.startBaton({ mapPorts: { 80: stage.port, 81: taken, 82: await freePort() } });
  await stage.post(listenerApp('shop', { port: 81 }));
  await stage.post(listenerApp('app1'));
  await stage.carried({ app1: 100 });
  const refused = await until('a diagnostic', async () =>
    (await baton.diagnostics()).find((each) => each.code === 'port-taken'),
  );
  expect(refused).toMatchObject({ app: '/shop' });
  expect(await answering(stage.port, 20)).toEqual({ '/app1': 20 });
});

it('port 80 without the right to it is a diagnostic that says what to do, and the others serve', async () => {
  const stage = await setStage();
  // Root without this capability is refused port 80 like anybody else.
  const under = process.getuid?.() === 0 ? ['setpriv', '--bounding-set', '-net_bind_service'] : [];
  const baton = await stage.startBaton({ mapPorts: { 8080: stage.port }, under });
  await stage.post(listenerApp('shop'));
  await stage.post(listenerApp('app1', { port: 8080 }));
  await stage.carried({ app1: 100 });
  const refused = await until('a diagnostic', async () =>
    (await baton.diagnostics()).find((each) => each.code === 'port-forbidden'),
  );
  expect(refused).toMatchObject({ app: '/shop', severity: 'error' });
  expect(refused.remedy).toContain('--map-port 80=');
  expect(await answering(stage.port, 20)).toEqual({ '/app1': 20 });
});

async function configuration(stateDir: string): Promise<string> {
  const directory = join(stateDir, 'haproxy');
  const files = await readdir(directory, { recursive: true, withFileTypes: true });
  const texts = files
    .filter((file) => file.isFile())
    .map((file) => readFile(join(file.parentPath, file.name), 'utf8'));
  return (await Promise.all(texts)).join('\n');
}

it('a port that is taken keeps Baton neither from being ready nor from telling the moves of others', async () => {
  const squatter = createServer();
  squatter.listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  const { port } = squatter.address() as AddressInfo;
  const stage = await setStage({ flags: ['--map-port', `81=${port}`] });
  const baton = await stage.startBaton();
  await stage.post(listenerApp('app1'));
  await stage.post(listenerApp('other', { port: 81 }));
  await stage.carried({ other: 100 }, '/other');
  await until('a diagnostic', async () => (await baton.diagnostics()).length > 0);
  expect((await baton.diagnostics()).map(({ code, app }) => [code, app])).toEqual([['port-taken', '/other']]);
  await stage.post(versionApp('app1-100', { service: 'app1', priority: 10 }));
  await stage.carried({ 'app1-100': 100 });
  await until('both moves of app1 are told', async () => {
    return (await baton.metric('baton_traffic_moves_total', { service: '/app1' })) === 2;
  });
  await baton.ready();
  squatter.close();
});
