/** How many operations an instance says that it has in progress. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PendingRule } from '../../src/declared/rollout.ts';
import { createMeasurer, type Measurer } from '../../src/measure/measurer.ts';
import { freePort } from '../support/free-ports.ts';
import { askWith, forever, type Other, startOther } from './others.ts';

let task: Other;
let measurer: Measurer;
let said: { status: number; body: string };

beforeEach(async () => {
  said = { status: 200, body: '0' };
  task = await startOther((_asked, response) => response.writeHead(said.status).end(said.body));
  measurer = createMeasurer({ prometheus: null, timeoutMs: 2000 });
});

afterEach(async () => {
  await measurer.close();
  await task.close();
});

async function measured(rule: PendingRule, port = Number(new URL(task.url).port)) {
  const [found] = await measurer.measure(askWith({ pending: { host: '127.0.0.1', port, rule } }), forever);
  return found;
}

const metrics = `# HELP pending_operations what is going on
# TYPE pending_operations gauge
pending_operations{kind="read"} 2
pending_operations{kind="write"} 3
pending_operations_total 99
`;

test.each([
  ['0\n', null, 'success', 0],
  ['3', null, 'failure', 3],
  ['{"pending": 0, "x": 1}', 'pending', 'success', 0],
  ['{"pending": 2}', 'pending', 'failure', 2],
  [metrics, 'pending_operations', 'failure', 5],
  [metrics.replaceAll(/\} \d/g, '} 0'), 'pending_operations', 'success', 0],
  ['pending_operations 0', 'pending_operations', 'success', 0],
] as const)('%j with name %j is %s', async (body, name, outcome, value) => {
  said = { status: 200, body };
  expect(await measured({ path: '/p', name })).toMatchObject({ outcome, value });
  expect(task.asked[0]).toMatchObject({ method: 'GET', path: '/p' });
});

test.each([
  [200, '', null, 'there is no number in its answer: '],
  [200, 'many', null, 'there is no number in its answer: many'],
  [200, '{"pending": "0"}', 'pending', 'there is nothing named pending in its answer: {"pending": "0"}'],
  [200, '{', 'pending', 'there is nothing named pending in its answer: {'],
  [200, 'pending NaN', 'pending', 'there is nothing named pending in its answer: pending NaN'],
  [200, 'others 0', 'pending', 'there is nothing named pending in its answer: others 0'],
  [404, '0', null, 'answered 404, and not 200'],
] as const)('%d %j with name %j says nothing', async (status, body, name, text) => {
  said = { status, body };
  expect(await measured({ path: '/p', name })).toMatchObject({ outcome: 'error', value: null, text });
});

test('nobody there is no 0', async () => {
  expect(await measured({ path: '/p', name: null }, await freePort())).toMatchObject({ outcome: 'error' });
});
