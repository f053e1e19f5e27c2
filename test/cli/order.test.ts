/** The verbs that order something, from the outside. */
import { userInfo } from 'node:os';
import { expect, test } from 'vitest';
import type { Obeyed, Order } from '../../src/plan/command.ts';
import { freePort } from '../support/free-ports.ts';
import { widthOf } from '../support/command.ts';
import { World } from '../plan/world.ts';
import { answering, tellingBaton, twoVersions } from './running.ts';
import { baton } from './verb.ts';

async function stage(
  obeyed: Obeyed = { outcome: 'done', text: 'paused in step 2 of 3' },
  world = twoVersions(),
) {
  const orders: Order[] = [];
  const url = await tellingBaton(
    { services: world.settle().services },
    {
      order: async (order) => {
        orders.push(order);
        return obeyed;
      },
    },
  );
  return { url, orders };
}

test.each<[readonly string[], object]>([
  [['promote', 'app1'], { verb: 'promote', full: false }],
  [['promote', '/app1', '--full'], { verb: 'promote', full: true }],
  [['pause', 'app1-100'], { verb: 'pause' }],
  [['resume', 'app1'], { verb: 'resume' }],
  [['abort', 'app1'], { verb: 'abort' }],
  [['retry', 'app1'], { verb: 'retry' }],
  [['weight', 'app1', 'app1-100=20'], { verb: 'weight', app: '/app1-100', percent: 20 }],
  [['weight', 'app1', '/app1-100=0.07%'], { verb: 'weight', app: '/app1-100', percent: 0.07 }],
  [['rollback', 'app1'], { verb: 'rollback' }],
])('%j', async (argv, command) => {
  const { url, orders } = await stage();
  const { status, stdout } = await baton([...argv, '--baton', url, '--why', 'it is slow']);
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'app1: paused in step 2 of 3\n' });
  expect(orders).toEqual([{ service: '/app1', command, by: userInfo().username, why: 'it is slow' }]);
});

test('it is signed as one likes, and the answer is JSON for those who ask', async () => {
  const { url, orders } = await stage();
  const { stdout } = await baton(['pause', 'app1', '--by', 'the pipeline', '--json'], {
    env: { BATON_URL: url },
  });
  expect(JSON.parse(stdout)).toEqual({ done: 'paused in step 2 of 3' });
  expect(orders).toMatchObject([{ by: 'the pipeline', why: null }]);
});

test('what is refused: 1, and why', async () => {
  const { url } = await stage({ outcome: 'refused', problem: 'no transition is under way' });
  const plain = await baton(['pause', 'app1', '--baton', url]);
  expect(plain).toEqual({ status: 1, stdout: '', stderr: 'baton pause: no transition is under way\n' });
  const told = await baton(['pause', 'app1', '--baton', url, '--json']);
  expect(told).toEqual({
    status: 1,
    stderr: '',
    stdout: '{\n  "message": "no transition is under way"\n}\n',
  });
});

test('ids with slashes arrive as they are', async () => {
  const world = new World([{ id: 'shop/web', priority: 0, tasks: [] }], 'shop/web');
  const { url, orders } = await stage(undefined, world);
  expect((await baton(['pause', 'shop/web', '--baton', url])).status).toBe(0);
  expect(orders).toMatchObject([{ service: '/shop/web' }]);
});

test('a service that is not there: 1, with a hint, and nothing is ordered', async () => {
  const { url, orders } = await stage();
  const { status, stderr } = await baton(['abort', 'apq1', '--baton', url]);
  expect(stderr.replace(url, 'URL')).toContain('no such service at Baton at URL: apq1; did you mean app1?');
  expect(status).toBe(1);
  expect(orders).toEqual([]);
});

test('an app that is a pool of several services names none of them', async () => {
  const [service] = twoVersions().settle().services;
  if (service === undefined) throw new Error('no service');
  const url = await tellingBaton({ services: [service, { ...service, service: '/app2' as never }] });
  const { status, stderr } = await baton(['abort', 'app1-100', '--baton', url]);
  expect(stderr).toContain('app1-100 is a pool of several services: app1, app2; name one of them');
  expect(status).toBe(1);
});

test.each([
  ['nobody there', async () => `http://127.0.0.1:${await freePort()}`, 'nobody listens there'],
  ['another program', () => answering(404, 'no'), 'answers status 404; is it the address of'],
])('%s: 1, and what to check', async (_, start, words) => {
  const { status, stdout, stderr } = await baton(['pause', 'app1', '--baton', await start()]);
  expect(stderr).toContain(words);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
});

test.each([
  [['pause'], 'SERVICE is missing'],
  [['pause', 'a', 'b'], 'one SERVICE at a time, and 2 are given'],
  [['pause', 'a', '--full'], 'there is no flag --full'],
  [['weight', 'a'], 'POOL=PERCENT is missing'],
  [['weight', 'a', 'b'], '"b" is no share; it should be POOL=PERCENT'],
  [['weight', 'a', 'b=101'], '"b=101" is no share'],
  [['weight', 'a', 'b=1.234'], '"b=1.234" is no share'],
  [['weight', 'a', 'b=1', 'c=2'], 'one POOL=PERCENT is set at a time'],
])('%j is refused with 2', async (argv, words) => {
  const { status, stderr } = await baton(argv);
  expect(stderr).toContain(words);
  expect(status).toBe(2);
});

test.each(['promote', 'weight'])('baton %s --help fits a terminal', async (verb) => {
  const { stdout, status } = await baton([verb, '--help']);
  expect(stdout).toContain(`usage: baton ${verb} [flags] SERVICE`);
  expect(stdout.includes('--full')).toBe(verb === 'promote');
  expect(widthOf(stdout)).toBeLessThanOrEqual(80);
  expect(status).toBe(0);
});
