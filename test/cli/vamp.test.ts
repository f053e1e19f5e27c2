/** apply, gateways, update-gateway and delete, from the outside. */
import { expect, test } from 'vitest';
import { vampBaton } from '../api/vamp-baton.ts';
import { simpleservice } from '../declared/vamp/simpleservice.ts';
import { widthOf } from '../support/command.ts';
import { freePort } from '../support/free-ports.ts';
import { until } from '../support/wait.ts';
import { baton } from './verb.ts';

const web = 'name: web\nport: 8080/http\nroutes:\n  old:\n    weight: 60%\n  new:\n    weight: 40%\n';

async function stage() {
  const { url, controller } = await vampBaton();
  const run = (argv: readonly string[], input = '') => baton(argv, { env: { BATON_URL: url }, input });
  const weights = () => controller.gateways()[0]?.routes.map(({ weight }) => weight);
  return { run, weights, controller };
}

async function applied() {
  const it = await stage();
  await it.run(['apply', '-f', '-'], web);
  return it;
}

test('a gateway from standard input: what it is now, and nothing on standard error', async () => {
  const { run, weights, controller } = await stage();
  const first = await run(['apply', '-f', '-', '--step', '5%', '--hold', '10s', '--by', 'anna'], web);
  expect(first).toEqual({
    status: 0,
    stdout: 'gateway web on 8080/http is there: old 60%, new 40%\n',
    stderr: '',
  });
  expect(controller.gateways()).toMatchObject([{ ramp: { stepPercent: 5, holdMs: 10_000 } }]);
  const again = await run(['apply', '-f', '-', '--immediate'], web.replace('60', '90').replace('40', '10'));
  expect(again.stdout).toContain('gateway web on 8080/http is changed');
  expect(controller.gateways()).toMatchObject([{ ramp: null, immediate: true }]);
  expect(weights()).toEqual([90, 10]);
});

test('--validate-only changes nothing', async () => {
  const { run, controller } = await stage();
  const { stdout, status } = await run(['apply', '-f', '-', '--validate-only'], web);
  expect({ stdout, status }).toEqual({
    status: 0,
    stdout: 'gateway web on 8080/http would be taken: old 60%, new 40%\n',
  });
  expect(controller.gateways()).toEqual([]);
});

test('a slip is told with its place, also when no Baton is there', async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  const given = { env: { BATON_URL: url }, input: web.replace('40%', '30%') };
  const { status, stdout, stderr } = await baton(['apply', '-f', '-'], given);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain('(standard input):6:3: [total-weight] Total route weight must be either 0%');
  expect(widthOf(stderr)).toBeLessThanOrEqual(80);
  const json = await baton(['apply', '-f', '-', '--json'], given);
  expect(JSON.parse(json.stdout)).toMatchObject({
    errors: [{ file: '(standard input)', line: 6, rule: 'total-weight' }],
  });
  const away = await baton(['apply', '-f', '-'], { ...given, input: web });
  expect(away).toMatchObject({ status: 1, stderr: expect.stringContaining('no answer from') });
});

test('what only the cluster knows is told with its place as well', async () => {
  const { run } = await stage();
  const { status, stderr } = await run(['apply', '-f', '-'], web.replace('  new:', '  newer:'));
  expect(status).toBe(1);
  expect(stderr.replaceAll(/\n {2}/g, ' ')).toContain(
    '(standard input):6:3: [route-unknown] The route newer leads nowhere: there is no gateway, app or service of a deployment newer. Correct it, or deploy what it names first.',
  );
});

test('what Marathon refuses of a blueprint is said, and what Baton has not is named', async () => {
  const { run } = await stage();
  const { status, stderr } = await run(['apply', '-f', '-'], simpleservice);
  expect({ status, stderr }).toEqual({ status: 1, stderr: 'baton apply: Marathon is away\n' });
  const only = await run(['apply', '-f', '-', '--as', 'simple', '--validate-only'], simpleservice);
  expect(only.stdout).toContain('app simple/simpleservice/simpleservice-0.9 would be created\n');
  expect(only.stdout).toContain('gateway simple/simpleservice/port would be taken\n');
  const workflow = await run(['apply', '-f', '-'], 'name: canary\nkind: workflows\n');
  expect(workflow.stderr.replaceAll(/\n {2}/g, ' ')).toContain(
    '[kind] Baton keeps nothing of the kind workflow. Let steps',
  );
});

test.each<[readonly string[], readonly number[]]>([
  [
    ['-w', 'old@70%,new@30%'],
    [70, 30],
  ],
  [
    ['-w', 'old@0,new@100'],
    [0, 100],
  ],
  [
    ['--weights', ' new@ 100% , old@0%'],
    [0, 100],
  ],
])('update-gateway %j', async (argv, expected) => {
  const { run, weights } = await applied();
  const { status, stderr } = await run(['update-gateway', 'web', ...argv]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(weights()).toEqual(expected);
});

test('a condition comes, changes its strength, and goes', async () => {
  const { run, controller } = await applied();
  const route = () => controller.gateways()[0]?.routes[1];
  const set = (...argv: readonly string[]) => run(['update-gateway', 'web', '-r', 'new', ...argv]);
  const { stdout } = await set('-c', 'has cookie beta', '-s', '50%');
  expect(stdout).toBe('gateway web: old 60%, new 40% (50% of those with has cookie beta)\n');
  expect(route()).toMatchObject({ condition: { kind: 'has-cookie', name: 'beta' }, conditionStrength: 50 });
  await set('-s', '80%');
  expect(route()).toMatchObject({ condition: { kind: 'has-cookie' }, conditionStrength: 80 });
  await set('-c', 'null');
  expect(route()).toMatchObject({ condition: null, conditionStrength: 0, weight: 40 });
});

test.each<[readonly string[], string]>([
  [[], 'one NAME of a gateway is to be given'],
  [['web'], 'give either -w with weights, or -r with a route'],
  [['web', '-w', 'old@1', '-r', 'new'], 'give either -w with weights, or -r with a route'],
  [['web', '-w', 'old@1', '-c', 'x'], '-w goes without -c and -s'],
  [['web', '-r', 'new'], '-r needs -c with a condition'],
  [['web', '-w', 'old@50%'], 'all weights together would be 90 %, and should be 100 % or 0 %'],
  [['web', '-w', 'old=50'], '"old=50" is no weight'],
  [['web', '-w', 'odl@50'], 'the gateway has no route odl; did you mean old?'],
])('update-gateway %j makes no sense: 2', async (argv, words) => {
  const { run, weights } = await applied();
  const { status, stderr } = await run(['update-gateway', ...argv]);
  expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringContaining(words) });
  expect(weights()).toEqual([60, 40]);
});

test('gateways shows what is declared and who carries it, in 80 columns', async () => {
  const { run, controller } = await applied();
  await until('the service', () => controller.state().services.length === 1);
  const { stdout } = await run(['gateways']);
  expect(stdout).toMatch(/^gateway web on 8080\/http: /);
  expect(stdout).toContain('       60%  old\n       40%  new\n');
  expect(stdout).toMatch(/now: (?:nobody|old|new)/);
  expect(widthOf(stdout)).toBeLessThanOrEqual(80);
  expect(JSON.parse((await run(['gateways', '--json'])).stdout)).toMatchObject([{ name: 'web' }]);
});

test('a selector makes routes, which are weighed by their names, also such with commas', async () => {
  const { run, weights } = await stage();
  const selected = (selector: string) =>
    `name: web\nport: 8080\nservice: {host: shop.example.com, port: 80}\nselector: "${selector}"\n`;
  const { stdout } = await run(['apply', '-f', '-'], selected('id((.*)) and kind((.*))'));
  expect(stdout.split('\n').slice(0, 2)).toEqual([
    'gateway web on 8080/http is there: (app),(new) 100%, (app),(old) 0%',
    '(standard input):3:10: [service] Baton tells that address,',
  ]);
  const update = (list: string) => run(['update-gateway', 'web', '-w', list]);
  expect((await update('(app),(new)@70%,(app),(old)@30')).stderr).toBe('');
  expect(weights()).toEqual([70, 30]);
  expect((await run(['apply', '-f', '-'], selected('id((.*))'))).stdout).toContain('is changed');
  const shown = (await run(['gateways'])).stdout;
  expect(shown).toContain('  told as shop.example.com:80/http\n  routes by the selector id((.*))\n');
  expect((await update('new@50,(old)@50')).stderr).toBe('');
  expect(weights()).toEqual([50, 50]);
  const none = await run(
    ['apply', '-f', '-'],
    selected('id(none)').replace('web', 'none').replace('8080', '1'),
  );
  expect(none.stdout).toMatch(/^gateway none on 1\/http is there: no routes yet\n/);
});

test('delete: what is there goes, what is not is gone, and words are needed', async () => {
  const { run, controller } = await applied();
  expect(await run(['delete', 'gateway', 'web'])).toMatchObject({
    status: 0,
    stdout: 'gateway web is gone\n',
  });
  expect(controller.gateways()).toEqual([]);
  expect((await run(['delete', 'gateway', 'web'])).status).toBe(0);
  expect((await run(['delete', 'deployment', 'shop'])).stdout).toBe('deployment shop is gone\n');
  expect((await run(['gateways'])).stdout).toBe('There are no gateways.\n');
  expect(await run(['delete', 'web'])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('gateway NAME, or deployment NAME'),
  });
});

test.each<[readonly string[], string]>([
  [['apply'], '-f FILE is missing'],
  [['apply', '-f', '/nowhere'], 'cannot read /nowhere: there is no such file'],
  [['apply', '-f', '-', '--hold', '1m'], '--hold needs a --step'],
  [['apply', '-f', '-', '--as', 'x'], '--as names the deployment of a blueprint'],
  [['delete', 'gateway', 'web', '-f', 'x'], '-f names services of a deployment'],
])('%j makes no sense: 2', async (argv, words) => {
  const { run } = await stage();
  const { status, stderr } = await run(argv, web);
  expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringContaining(words) });
});

test.each(['apply', 'gateways', 'update-gateway', 'delete'])('%s --help fits a terminal', async (verb) => {
  const { status, stdout } = await baton([verb, '--help']);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^usage: baton /);
  expect(widthOf(stdout)).toBeLessThanOrEqual(80);
});
