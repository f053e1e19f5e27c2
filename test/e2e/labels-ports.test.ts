/** Service ports of every kind, from labels through a real HAProxy, and one team's mistakes next to them. */
import { expect, it, onTestFinished } from 'vitest';
import { freePorts } from '../support/free-ports.ts';
import { startLoad } from '../support/load.ts';
import { until } from '../support/wait.ts';
import { appsAt, labelled, seenAt } from './labelled.ts';
import { answered, expectNoFailure, setStage } from './stage.ts';

/** The app, its labels (about port 0), and what is told of it: how bad, and of which label. */
const mistakes: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
  ['bad-port', { HAPROXY_0_PORT: 'http' }, 'error HAPROXY_0_PORT'],
  [
    'bad-auth',
    { HAPROXY_0_VHOST: 'auth.example', HAPROXY_0_AUTH: 'shop:anna:pa:ss' },
    'error HAPROXY_0_AUTH',
  ],
  [
    'bad-template',
    { HAPROXY_0_VHOST: 'template.example', HAPROXY_0_BACKEND_HEAD: 'backend {nonsense}\n' },
    'warning HAPROXY_0_BACKEND_HEAD',
  ],
  ['bad-group', { HAPROXY_GROUP: 'external,,', HAPROXY_0_VHOST: 'group.example' }, 'warning HAPROXY_GROUP'],
  ['bad-host', { HAPROXY_0_VHOST: 'http://bad.example' }, 'warning HAPROXY_0_VHOST'],
];

it('each port is served as its app says, whatever others write', async () => {
  const stage = await setStage({ flags: ['--group', 'external'] });
  const { port } = stage;
  const [raw = 0, host = 0, first = 0, second = 0, ...others] = await freePorts(4 + mistakes.length);
  const baton = await stage.startBaton();
  const tcp = { protocol: 'TCP', portIndex: 0, intervalSeconds: 20, gracePeriodSeconds: 5 };
  await stage.post(labelled('raw', [raw], {}, { healthChecks: [tcp] }));
  const { container, ...bare } = labelled('host', [], { HAPROXY_0_VHOST: 'host.example' });
  expect(container).toBeDefined();
  await stage.post({
    ...bare,
    cmd: 'serve $PORT0',
    networks: [{ mode: 'host' }],
    portDefinitions: [{ port: host, protocol: 'tcp' }],
  });
  await stage.post(labelled('two', [first, second], { HAPROXY_1_VHOST: 'admin.example' }));
  for (const name of ['raw', 'host', 'two']) await stage.carried({ [name]: 100 }, `/${name}`);
  await stage.carried({ two: 100 }, `/two_${second}`);
  await until('all listeners', async () => (await seenAt(port, 'admin.example')).app === '/two');
  // Without a certificate nobody comes over TLS.
  expect((await baton.diagnostics()).map(({ code }) => code)).toEqual(['certificate-missing']);
  const load = startLoad(first, { kept: 2, fresh: 2 }, 400);
  onTestFinished(async () => {
    await load.stop();
  });

  async function expectAllServed(): Promise<void> {
    const straight = await seenAt(raw, 'x');
    expect([straight.app, straight.proto]).toEqual(['/raw', undefined]);
    for (const [at, name] of [
      [port, 'host.example'],
      [host, 'x'],
    ] as const)
      expect(await seenAt(at, name)).toMatchObject({ app: '/host', proto: 'http' });
    const tasks = (await stage.simulator.tasks()).filter(({ app }) => app === '/two');
    for (const [index, at, name] of [
      [0, first, 'x'],
      [1, second, 'x'],
      [1, port, 'admin.example'],
    ] as const) {
      const seen = await seenAt(at, name);
      expect(tasks.map(({ ports }) => ports[index])).toContain(seen.port);
    }
  }
  await expectAllServed();
  for (const [index, [name, labels, told]] of mistakes.entries()) {
    await stage.post(labelled(name, [others[index] ?? 0], labels));
    const found = await until(`a diagnostic about ${name}`, async () => {
      const about = (await baton.diagnostics()).filter((each) => each.app === `/${name}`);
      return about.length > 0 ? about : false;
    });
    expect(found.map(({ severity, label }) => `${severity} ${label}`)).toEqual([told]);
    expect(JSON.stringify(found)).not.toContain('pa:ss');
  }
  for (const name of ['template', 'group'])
    await until(name, async () => (await appsAt(port, `${name}.example`, '/', 1)) === `/bad-${name}`);
  await until('the port', async () => (await appsAt(others[4] ?? 0, 'x', '/', 1)) === '/bad-host');
  expect(await appsAt(port, 'auth.example')).toBe('503');
  await expectAllServed();
  await answered(load, 100);
  await expectNoFailure(load);
});
