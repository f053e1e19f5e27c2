/** `baton explain` from the outside. */
import { expect, test } from 'vitest';
import { listenerApp, versionApp } from '../support/apps.ts';
import { freePort } from '../support/free-ports.ts';
import { widthOf } from '../support/command.ts';
import { marathonWith, tellingBaton, twoVersions } from './running.ts';
import { baton } from './verb.ts';

test('a service of a running Baton: its phase, each pool, each endpoint, and why', async () => {
  const { services } = twoVersions().settle();
  const url = await tellingBaton({ services });
  const { status, stdout } = await baton(['explain', 'app1', '--baton', url]);
  expect(status).toBe(0);
  expect(widthOf(stdout)).toBeLessThanOrEqual(80);
  const endpoints = (app: string) =>
    (services[0]?.pools.find((pool) => pool.app === app)?.endpoints ?? [])
      .map(({ host, port }) => `            ${host}:${port}  rotation in, Marathon says up, check passed`)
      .join('\n');
  expect(stdout).toBe(
    `service app1: settled
  because priority 10 is the highest that can serve
  on *:80
  declared by app1

     100 %  app1-100  active
            because priority 10 is the highest that can serve
            priority 10, no weight declared, side B, slot b, 0 in progress
${endpoints('/app1-100')}

       0 %  app1  standby
            because stands by: app1-100 (priority 10) carries the traffic
            priority 0, no weight declared, side A, slot a, 0 in progress
${endpoints('/app1')}
`,
  );
});

test('the id of a pool names its service, too, and JSON is what the API says', async () => {
  const url = await tellingBaton({ services: twoVersions().settle().services });
  const { stdout } = await baton(['explain', '--json', '/app1-100'], { env: { BATON_URL: url } });
  const api = await fetch(`${url}/v1/services/app1`);
  expect(JSON.parse(stdout)).toEqual(await api.json());
});

test('a service that Baton would make of a Marathon', async () => {
  const { url } = await marathonWith(
    listenerApp('app1'),
    versionApp('app1-100', { service: 'app1', priority: 10 }),
  );
  const { stdout, status } = await baton(['explain', '--marathon', url, 'app1']);
  expect(stdout).toContain('100 %  app1-100  active\n            because priority 10 is the highest');
  expect(status).toBe(0);
});

test.each([
  ['apq1', 'no such service at Baton at URL: apq1; did you mean app1?'],
  ['something', 'there is only app1'],
])('%s is unknown: 1, with a hint', async (name, words) => {
  const url = await tellingBaton({ services: twoVersions().settle().services });
  const { status, stderr } = await baton(['explain', name, '--baton', url]);
  expect(stderr.replace(url, 'URL')).toContain(words);
  expect(status).toBe(1);
});

test('a host name means the service that it leads to, and an app that is in none is told why', async () => {
  const web = {
    ...listenerApp('web'),
    labels: { HAPROXY_GROUP: 'external', HAPROXY_0_VHOST: 'shop.example.com' },
  };
  const closed = {
    ...listenerApp('closed'),
    labels: { HAPROXY_GROUP: 'external', HAPROXY_0_AUTH: 'r:u:p:w' },
  };
  const { url } = await marathonWith(web, closed);
  const flags = ['--marathon', url, '--group', 'external'];
  const { stdout, status } = await baton(['explain', 'Shop.example.com', ...flags]);
  expect([stdout.split('\n')[0], status]).toEqual(['service web: settled', 0]);
  const none = await baton(['explain', 'closed', ...flags]);
  expect(none.stderr).toContain('closed is in no service at ');
  expect(none.stderr).toContain('HAPROXY_0_AUTH is no realm, user and encrypted password. Write ');
  expect(none.status).toBe(1);
  const url2 = await tellingBaton({
    services: twoVersions().settle().services,
    diagnostics: [
      {
        code: 'x',
        severity: 'error',
        app: '/lost',
        label: null,
        value: null,
        problem: 'It is lost.',
        remedy: 'Find it.',
      } as never,
    ],
  });
  const lost = await baton(['explain', 'lost', '--baton', url2]);
  expect(lost.stderr.replace(url2, 'URL')).toContain(
    'lost is in no service at Baton at URL: It is lost. Find it.',
  );
});

test('without any service it says where to look', async () => {
  const { status, stderr } = await baton(['explain', 'app1', '--baton', await tellingBaton({})]);
  expect(stderr).toContain('there is none at all; "baton status" tells why');
  expect(status).toBe(1);
});

test('nobody there: 1, and what to check', async () => {
  const { status, stderr } = await baton([
    'explain',
    'app1',
    '--baton',
    `http://127.0.0.1:${await freePort()}`,
  ]);
  expect(stderr).toContain('nobody listens there; does Baton run there');
  expect(status).toBe(1);
});

test.each([
  [['explain'], 'SERVICE is missing'],
  [['explain', 'a', 'b'], 'one SERVICE is explained at a time'],
  [['explain', 'a', '--baton', 'http://a', '--marathon', 'http://b'], 'two sources'],
  [['explain', 'a', '--marathn', 'x'], 'did you mean --marathon?'],
])('%j is refused with 2', async (argv, words) => {
  const { status, stderr } = await baton(argv);
  expect(stderr).toContain(words);
  expect(status).toBe(2);
});
