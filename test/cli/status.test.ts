/** `baton status` from the outside. */
import { expect, test } from 'vitest';
import type { Diagnostic } from '../../src/declared/types.ts';
import { appId } from '../../src/model/ids.ts';
import { freePort } from '../support/free-ports.ts';
import { widthOf } from '../support/command.ts';
import { World } from '../plan/world.ts';
import { answering, tellingBaton, twoVersions } from './running.ts';
import { baton } from './verb.ts';

const diagnostic: Diagnostic = {
  code: 'bad-value',
  severity: 'error',
  app: appId('/app1-200'),
  label: 'ab_config',
  value: '{"service": "app1", "priority": "twenty"}',
  problem: '"priority" is "twenty".',
  remedy: 'Write "priority" as a whole number without quotes, higher wins, for example 10.',
};

test('a Baton that is in step: 0, its services by phase, and what is wrong', async () => {
  const url = await tellingBaton({ services: twoVersions().settle().services, diagnostics: [diagnostic] });
  const { status, stdout } = await baton(['status', '--baton', url]);
  expect(stdout.replace(url, 'URL').replace(/last read \d s ago/, 'last read N s ago')).toBe(
    `Baton at URL: ready
  Marathon: connected, last read N s ago
  1 service:
    1 settled

diagnostics
  error: app1-200 ab_config
    value: {"service": "app1", "priority": "twenty"}
    "priority" is "twenty".
    Write "priority" as a whole number without quotes, higher wins, for example
    10.
`,
  );
  expect(status).toBe(0);
});

test('one that is not: 1, and why', async () => {
  const url = await tellingBaton({
    notReady: `Marathon has not been read yet ${'again and again '.repeat(10)}`,
    marathon: {
      connected: false,
      syncedAt: (Date.now() - 3 * 60_000) as never,
      heardAt: null,
      failingSince: null,
      trouble: 'connection refused',
      pending: 0,
    },
  });
  const { status, stdout } = await baton(['status'], { env: { BATON_URL: url } });
  expect(stdout).toContain('not ready: Marathon has not been read yet');
  expect(stdout).toMatch(/Marathon: not connected, last read [23] min ago; connection refused/);
  expect(stdout).toContain('0 services\n  no diagnostics');
  expect(widthOf(stdout)).toBeLessThanOrEqual(80);
  expect(status).toBe(1);
});

test('phases other than settled are named with their services', async () => {
  const world = new World([{ id: 'app1', priority: 0, tasks: [] }]);
  const url = await tellingBaton({ services: world.settle().services });
  expect((await baton(['status', '--baton', url])).stdout).toMatch(/\n {4}1 (?!settled)\S+: app1\n/);
});

test('as JSON', async () => {
  const url = await tellingBaton({ services: twoVersions().settle().services, diagnostics: [diagnostic] });
  const { stdout, status } = await baton(['status', '--json', '--baton', `${url}/`]);
  expect(JSON.parse(stdout)).toMatchObject({
    baton: url,
    ready: true,
    notReady: null,
    marathon: { connected: true },
    services: 1,
    phases: { settled: 1 },
    diagnostics: [diagnostic],
  });
  expect(status).toBe(0);
});

test.each([
  ['nobody there', async () => `http://127.0.0.1:${await freePort()}`, 'nobody listens there'],
  ['another program', () => answering(404, 'no'), 'answers status 404; is it the address of'],
  [
    'another API',
    () => answering(200, '{"ready": "perhaps"}'),
    'something that no Baton of this version says',
  ],
  ['no JSON', () => answering(200, '<html>'), 'something that no Baton of this version says'],
])('%s: 1, and what to check', async (_, start, words) => {
  const { status, stdout, stderr } = await baton(['status', '--baton', await start()]);
  expect(stderr).toContain(words);
  expect(stderr).toContain('--listen');
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
});

test('the user and password of an address are sent, and not shown', async () => {
  const seen: unknown[] = [];
  const asked = await answering(401, '', ({ headers }) => seen.push(headers.authorization));
  const url = asked.replace('//', '//anna:s%3Acret@');
  const { stderr } = await baton(['status', '--baton', url]);
  expect(stderr).toContain('answers status 401');
  expect(stderr).not.toContain('cret');
  expect(seen).toContain(`Basic ${Buffer.from('anna:s:cret').toString('base64')}`);
});

test.each([
  [['status', '--baton', 'there'], '--baton is "there"; it should be a URL'],
  [['status', '--batn', 'x'], 'did you mean --baton?'],
  [['status', 'app1'], '"app1" is no flag'],
])('%j is refused with 2', async (argv, words) => {
  const { status, stderr } = await baton(argv);
  expect(stderr).toContain(words);
  expect(status).toBe(2);
});
