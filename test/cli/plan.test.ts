/** `baton plan` from the outside: against a Marathon, a Baton, both, and with what might be posted. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { listenerApp, versionApp } from '../support/apps.ts';
import { freePort } from '../support/free-ports.ts';
import { widthOf } from '../support/command.ts';
import type { Deployments } from '../../src/controller/deployments.ts';
import { parseGateways } from '../../src/declared/vamp/gateway-parse.ts';
import { appOf, startRig } from '../controller/rig.ts';
import { marathonWith, tellingBaton, twoVersions } from './running.ts';
import { baton } from './verb.ts';

const app1 = listenerApp('app1');
const app1of100 = versionApp('app1-100', { service: 'app1', priority: 10 });
const app1of200 = versionApp('app1-200', { service: 'app1', priority: 20 });

/** Its head names a port, and wraps by its length. */
function bodyOf(stdout: string): string {
  return stdout.slice(stdout.indexOf('\n\n') + 2);
}

test('what posting a version would change; and asking changes nothing', async () => {
  const { url } = await marathonWith(app1, app1of100);
  const appsNow = async () => {
    const { apps } = (await (await fetch(`${url}/v2/apps`)).json()) as {
      apps: { id: string; version: string }[];
    };
    return apps.map(({ id, version }) => `${id} ${version}`);
  };
  const before = await appsNow();
  const { status, stdout } = await baton(['plan', '--marathon', url, '--with', '-'], {
    input: JSON.stringify(app1of200),
  });
  expect(stdout).toMatch(
    /^What posting app1-200 to 127\.0\.0\.1:\d+ would change, once all instances are\shealthy:\n/,
  );
  expect(bodyOf(stdout)).toBe(`service app1: changed
  on *:80, as before
       new ->   100 %  app1-200
                        priority 20 is the highest that can serve
     100 % ->     0 %  app1-100
                        stands by: app1-200 (priority 20) carries the traffic
       0 % ->     0 %  app1
                        stands by: app1-200 (priority 20) carries the traffic

Nothing was changed.
`);
  expect(widthOf(stdout)).toBeLessThanOrEqual(80);
  expect(status).toBe(0);
  expect(await appsNow()).toEqual(before);
});

test('posting what is there changes nothing, and what takes all traffic away is said', async () => {
  const { url } = await marathonWith(app1, app1of100);
  const same = await baton(['plan', '--marathon', url, '--with', '-', '--detailed-exitcode'], {
    input: JSON.stringify([app1, app1of100]),
  });
  expect(bodyOf(same.stdout)).toBe('Nothing.\n\nNothing was changed.\n');
  expect(same.status).toBe(0);
  const empty = await baton(['plan', '--marathon', url, '--with', '-', '--detailed-exitcode', '--json'], {
    input: JSON.stringify({ ...app1of100, instances: 0 }),
  });
  expect(empty.status).toBe(3);
  expect(JSON.parse(empty.stdout)).toMatchObject({
    with: ['-'],
    changes: [
      {
        service: '/app1',
        change: 'changed',
        listeners: { before: ['*:80'], after: ['*:80'] },
        pools: [
          { app: '/app1-100', before: 100, after: 0, because: { code: 'scaled-to-zero' } },
          { app: '/app1', before: 0, after: 100, because: { code: 'highest-priority' } },
        ],
      },
    ],
    diagnostics: [],
  });
});

test('an app keeps the service port that Marathon chose', async () => {
  const shop = { ...app1, id: 'shop', labels: { 'FE-Proxy': 'yes' } };
  const { url } = await marathonWith(shop);
  const flags = ['--with', '-', '--detailed-exitcode', '--json'];
  const { status, stdout } = await baton(['plan', '--marathon', url, ...flags], {
    input: JSON.stringify({ ...shop, instances: 3 }),
  });
  expect(JSON.parse(stdout)).toMatchObject({
    changes: [],
    services: [
      { service: '/shop', listener: { binds: [{ port: 10_000 }] }, pools: [{ endpoints: [{}, {}, {}] }] },
    ],
  });
  expect(status).toBe(0);
});

test('what a definition would have said of its labels is said before', async () => {
  const { url } = await marathonWith(app1);
  const { stdout } = await baton(['plan', '--marathon', url, '--with', '-'], {
    input: JSON.stringify(versionApp('app1-300', { service: 'app1', priority: 'ten' })),
  });
  expect(bodyOf(stdout)).toMatch(/^Nothing\.\n\ndiagnostics\n {2}error: app1-300 ab_config\n/);
});

test('the plain plan is that of a dry run', async () => {
  const { url } = await marathonWith(app1, app1of100);
  const plan = await baton(['plan', '--marathon', url]);
  const dryRun = await baton(['run', '--marathon', url, '--dry-run']);
  expect(plan).toEqual(dryRun);
  expect(plan.stdout).toContain('100 %  app1-100  active');
  const detailed = await baton(['plan', '--detailed-exitcode'], { env: { BATON_MARATHON: url } });
  expect(detailed).toEqual({ ...plan, status: 3 });
});

test('a Baton that has finished has nothing to change; one that waits has', async () => {
  const done = await tellingBaton({ services: twoVersions().settle().services });
  const settled = await baton(['plan', '--baton', done, '--detailed-exitcode']);
  expect(settled.stdout).toContain('Nothing: the one service is settled.');
  expect(settled.status).toBe(0);
  const waits = await tellingBaton({ services: twoVersions().turn().services });
  const waiting = await baton(['plan', '--detailed-exitcode'], { env: { BATON_URL: waits } });
  expect(waiting.stdout).toMatch(/\n\nservice app1 on \*:80: [a-z-]+\n {2}because /);
  expect(waiting.stdout).toContain('0 of 1 service is settled.');
  expect(waiting.status).toBe(3);
});

test('beside a Baton, from what it does to what it would do', async () => {
  const { url } = await marathonWith(app1, app1of100);
  const running = await tellingBaton({ services: twoVersions().settle().services });
  const flags = ['--marathon', url, '--baton', running, '--detailed-exitcode'];
  expect((await baton(['plan', ...flags])).status).toBe(0);
  const moved = await baton(['plan', ...flags, '--map-port', '80=18080']);
  expect(moved.stdout).toContain('  on *:18080\n  before on *:80\n');
  expect(moved.status).toBe(3);
});

test('errors: 1 for what cannot be read elsewhere, 2 for what is wrong here', async () => {
  const nobody = `http://127.0.0.1:${await freePort()}`;
  const cases = [
    [['plan', '--marathon', nobody], '', 1, 'is it running, is the address right?'],
    [['plan', '--baton', nobody], '', 1, 'nobody listens there'],
    [
      ['plan', '--marathon', nobody, '--with', '-'],
      '{"id": "a",}',
      1,
      '(standard input):1:12: This is not JSON',
    ],
    [['plan', '--marathon', nobody, '--with', '-'], '', 1, 'there is nothing'],
    [['plan', '--marathon', nobody, '--with', '-'], '{"cmd": "x"}', 1, 'a definition without an id'],
    [['plan', '--marathon', nobody, '--with', '/nonexistent'], '', 2, 'there is no such file'],
    [['plan', '--with', '-'], '{}', 2, '--with needs --marathon'],
    [['plan', 'app.json'], '', 2, 'definitions come after --with'],
    [['plan', '--marathon', 'nowhere'], '', 2, '--marathon is "nowhere"'],
    [['plan', '--marathom', nobody], '', 2, 'did you mean --marathon?'],
  ] as const;
  for (const [argv, input, expected, words] of cases) {
    const { status, stderr } = await baton(argv, { input });
    expect({ argv, status, words: stderr.includes(words) ? words : stderr }).toEqual({
      argv,
      status: expected,
      words,
    });
  }
});

test.each([
  [[], '2 apps have labels of marathon-lb, which need a --group here: external,\ninternal.'],
  [['--group', 'externl'], 'No app is in the group externl; did you mean external?'],
  [['--group', 'zzzzzzzz'], 'No app is in the group zzzzzzzz; there are: external, internal'],
  [['--group', 'external'], ''],
  [['--group', '*'], ''],
])('whom the groups leave out is said with %j', async (flags, hint) => {
  const grouped = (id: string, group: string) => ({
    ...app1,
    id,
    labels: { HAPROXY_GROUP: group, HAPROXY_0_VHOST: `${id}.example.com` },
  });
  const { url } = await marathonWith(grouped('a', 'external'), grouped('b', 'internal'));
  const { stdout, status } = await baton(['plan', '--marathon', url, ...flags]);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^What Baton would do with the 2 apps of /);
  expect(stdout.endsWith(`\n\n${hint === '' ? '' : `${hint}\n\n`}Nothing was changed.\n`)).toBe(true);
  expect(/--group|No app is in/.test(stdout)).toBe(hint !== '');
  expect(widthOf(stdout)).toBeLessThanOrEqual(80);
});

test('one app is one app', async () => {
  const { url } = await marathonWith(app1);
  expect((await baton(['plan', '--marathon', url])).stdout).toContain('with the 1 app of');
});

test.each([['plan'], ['run', '--dry-run']])(
  '%s of a Marathon that takes connections and says nothing ends soon, and says what to check',
  async (...verb) => {
    const mute = createServer((socket) => socket.on('error', () => {}));
    onTestFinished(() => void mute.close());
    await once(mute.listen(0, '127.0.0.1'), 'listening');
    const host = `127.0.0.1:${(mute.address() as AddressInfo).port}`;
    const { status, stderr } = await baton([
      ...verb,
      '--marathon',
      `http://${host}`,
      '--request-timeout',
      '300ms',
    ]);
    expect(stderr).toContain(`no Marathon answered at`);
    expect(stderr).toContain(`${host} in time; is it overloaded, or does a firewall drop the packets?`);
    expect(status).toBe(1);
  },
);

test('gateways of the Baton that is asked are in the plan: with another version, and with other flags', async () => {
  const plain = (id: string, version: string) => ({
    ...versionApp(id, { service: 'x', priority: 1 }),
    labels: { version },
  });
  const { url } = await marathonWith(plain('one', '1.0'));
  const rig = startRig();
  rig.setApps([{ ...appOf('/one', {}), labels: { version: '1.0' } }]);
  const yaml =
    'name: shop\nport: 8080\nselector: "label(version)((.*))"\n---\nname: out\nport: 8081\nroutes: "[10.0.0.1:80]"\n';
  const parsed = parseGateways(yaml, { allowTemplates: false });
  await rig.controller.changeGateways({ put: parsed.ok ? parsed.gateways : [], remove: [], by: 'anna' });
  await rig.carried({ '/external/10.0.0.1:80': 10_000, '/one': 10_000 });
  const keeper = rig.controller;
  const vamp = { keeper, deployments: {} as Deployments, allowTemplates: false };
  const running = await tellingBaton(rig.controller.state(), { vamp });
  const flags = ['--marathon', url, '--baton', running, '--detailed-exitcode'];
  const same = await baton(['plan', ...flags]);
  expect([same.status, bodyOf(same.stdout)]).toEqual([0, 'Nothing.\n\nNothing was changed.\n']);
  const input = JSON.stringify(plain('two', '1.1'));
  const posted = await baton(['plan', ...flags, '--with', '-'], { input });
  expect(posted.status).toBe(3);
  expect(bodyOf(posted.stdout)).toContain('service gateway/shop: changed');
  expect(bodyOf(posted.stdout)).toMatch(/new -> +0 % {2}two/);
  const elsewhere = await baton(['plan', ...flags, '--map-port', '8080=18080']);
  expect(elsewhere.stdout).toContain('on *:18080\n  before on *:8080\n');
});
