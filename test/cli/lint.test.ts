/** `baton lint` from the outside: golden outputs, exit codes, and files that are not as they should be. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { widthOf } from '../support/command.ts';
import { baton } from './verb.ts';

const folder = new URL('../golden/lint', import.meta.url).pathname;
const separator = '\n----------\n';

describe('golden files: the definitions, a line of ten dashes, what is said, and the exit code', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));

  test('are there', () => {
    expect(files.length).toBeGreaterThan(5);
  });

  test.each(files)('%s', async (name) => {
    const path = join(folder, name);
    const [input = '', kept = ''] = readFileSync(path, 'utf8').split(separator);
    const { status, stdout, stderr } = await baton(['lint', '-'], { input });
    const actual = `${stdout}exit code ${status}\n`;
    const isUpdate = process.env['UPDATE_GOLDEN'] === '1';
    if (isUpdate) writeFileSync(path, `${input}${separator}${actual}`);
    expect(stderr).toBe('');
    expect(widthOf(stdout)).toBeLessThanOrEqual(80);
    expect(actual).toBe(isUpdate ? actual : kept);
  });
});

const plain = '{"id": "a", "cmd": "x"}';
const vhost = (host: string) =>
  JSON.stringify({ id: 'a', cmd: 'x', labels: { HAPROXY_GROUP: 'external', HAPROXY_0_VHOST: host } });

describe('exit codes', () => {
  test.each([
    ['nothing wrong', [], plain, 0],
    ['a warning', [], vhost('http://a.example.com'), 0],
    ['a warning, strictly', ['--strict'], vhost('http://a.example.com'), 1],
    ['a note, strictly', ['--strict'], '{"id": "a", "cmd": "x", "labels": {"HAPROXY_FOO": "x"}}', 0],
    ['an error', [], '{"id": "a", "cmd": "x", "labels": {"FE-Proxy": "perhaps"}}', 1],
    ['no JSON', [], '{"id": "a",}', 1],
    ['nothing at all', [], '', 1],
    ['blanks', [], ' \n', 1],
    ['no app', [], '{"foo": 1}', 1],
    ['no bytes of a text', [], '\u0000\u0001', 1],
  ])('%s', async (_, flags, input, expected) => {
    expect((await baton(['lint', ...flags, '-'], { input })).status).toBe(expected);
  });

  test.each([
    [['lint'], 'FILE is missing'],
    [['lint', '/nonexistent.json'], 'cannot read /nonexistent.json: there is no such file'],
    [['lint', tmpdir()], 'it is a directory'],
    [['lint', '--jason', '-'], 'there is no flag --jason; did you mean --json?'],
  ])('%j is refused with 2', async (argv, words) => {
    const { status, stdout, stderr } = await baton(argv);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(words);
  });

  test('a file of 33 MiB is refused with 2', async () => {
    const path = fileOf(`{"id": "a", "cmd": "${'x'.repeat(33 * 1024 * 1024)}"}`);
    const { status, stderr } = await baton(['lint', path]);
    expect(status).toBe(2);
    expect(stderr).toContain('it has more than 32 MiB');
  });

  test('what is nested too deep is said to be', async () => {
    const { status, stdout } = await baton(['lint', '-'], { input: '['.repeat(200_000) });
    expect(status).toBe(1);
    expect(stdout).toContain('nested too deep');
  });
});

test('many apps in one file', async () => {
  const apps = Array.from({ length: 10_500 }, (_, index) => ({ id: `/a${index}`, cmd: 'x', labels: {} }));
  const { status, stdout } = await baton(['lint', fileOf(JSON.stringify({ apps }))]);
  expect(status).toBe(0);
  expect(stdout).toMatch(/\n10500 apps: 0 errors, 0 warnings, 0 notes\.\n$/);
});

test('a reader who has enough does not make it a failure', () => {
  const path = fileOf(
    JSON.stringify(Array.from({ length: 3000 }, (_, index) => ({ id: `/a${index}`, cmd: 'x' }))),
  );
  const script = '"$0" src/main.ts lint "$1" | head -n 1; exit "${PIPESTATUS[0]}"';
  const { status, stderr } = spawnSync('bash', ['-c', script, process.execPath, path], {
    cwd: new URL('../..', import.meta.url).pathname,
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('as JSON it has the place of each label and finding, what each app becomes, and no password', async () => {
  const text = `{
  "id": "/a", "cmd": "x",
  "labels": {
    "HAPROXY_0_AUTH": "realm:user:secret",
    "HAPROXY_0_VHOTS": "a.example.com",
    "FE-Proxy": "yes"
  },
  "portDefinitions": [{"port": 80, "labels": {"VIP_0": "nothing"}}]
}`;
  const { status, stdout } = await baton(['lint', '--json', '-'], { input: text });
  const linted = JSON.parse(stdout) as Record<'apps' | 'findings' | 'summary', unknown>;
  expect(linted.apps).toMatchObject([
    {
      app: '/a',
      line: 1,
      column: 1,
      labels: [
        { label: 'HAPROXY_0_AUTH', verdict: 'malformed', line: 4, column: 5 },
        { label: 'HAPROXY_0_VHOTS', verdict: 'unknown', line: 5, column: 5 },
        { label: 'FE-Proxy', verdict: 'understood', line: 6, column: 5 },
        { label: 'VIP_0', verdict: 'malformed', line: 8, column: 47 },
      ],
    },
  ]);
  expect(JSON.stringify(linted.apps)).toContain('"service":"/a"');
  expect(linted.findings).toMatchObject([
    { code: 'port-closed', line: 4, column: 5, severity: 'error' },
    { code: 'groups-missing', line: 4, severity: 'info' },
    { code: 'unknown-label', line: 5, column: 5, remedy: 'Did you mean HAPROXY_0_VHOST?' },
    { code: 'label-defaulted', line: 8, column: 47 },
  ]);
  expect(stdout).not.toContain('secret');
  expect(status).toBe(1);
});

test('several files know of each other, and of what is defined twice', async () => {
  const listener = fileOf(
    '{"id": "web", "cmd": "x", "portDefinitions": [{"port": 80}], "labels": {"FE-Proxy": "yes"}}',
  );
  const member = (service: string) =>
    fileOf(
      JSON.stringify({
        id: 'web-2',
        cmd: 'x',
        labels: { ab_config: JSON.stringify({ service, priority: 5 }) },
      }),
    );
  const both = await baton(['lint', listener, member('web')]);
  expect(both.stdout).toMatch(/app web-2\n {4}becomes {5}service web on \*:80; its pool: priority 5/);
  expect(both.stdout).toContain('2 apps: 0 errors, 0 warnings, 0 notes.');
  const slip = await baton(['lint', '--strict', listener, member('wbe')]);
  expect(slip.stdout).toContain('Did you mean "/web"?');
  expect(slip.status).toBe(1);
  const twice = await baton(['lint', '--json', listener, listener]);
  expect(JSON.parse(twice.stdout)).toMatchObject({
    summary: { apps: 1, warning: 1 },
    findings: [{ code: 'app-twice' }],
  });
});

test('colours are for terminals', async () => {
  const input = vhost('http://a.example.com');
  const escape = String.fromCharCode(27);
  expect((await baton(['lint', '-'], { input })).stdout).not.toContain(escape);
  expect((await baton(['lint', '-'], { input, env: { FORCE_COLOR: '1' } })).stdout).toContain(
    `${escape}[33mwarning`,
  );
});

function fileOf(content: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'b-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'app.json');
  writeFileSync(path, content);
  return path;
}
