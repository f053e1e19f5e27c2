/** Marathon's health results become up, down or unknown. */
import { expect, test } from 'vitest';
import { healthOf } from '../../src/marathon/health.ts';
import { wireApp } from '../../src/marathon/schema.ts';
import { type Wire, wireAppOf, wireTaskOf } from './support/wire.ts';

const good = { alive: true, consecutiveFailures: 0, lastSuccess: '2024-03-01T10:00:10.000Z' };
const bad = { alive: false, consecutiveFailures: 1, lastFailure: '2024-03-01T10:00:20.000Z' };
const failedAgain = { ...bad, lastSuccess: '2024-03-01T10:00:10.000Z' };
const silent = { alive: false, consecutiveFailures: 0, lastSuccess: null, lastFailure: null };
const stale = { alive: true, consecutiveFailures: 0, lastSuccess: '2024-03-01T09:00:00.000Z' };
const second = { id: 'a.instance-0a0a0a0a-1111-11ee-8000-000000000001._app.2' };

test.each<[string, Wire, number, string]>([
  ['runs, no checks', { healthCheckResults: undefined }, 0, 'up'],
  ['stages, no checks', { state: 'TASK_STAGING', healthCheckResults: [] }, 0, 'unknown'],
  ['one of one alive', { healthCheckResults: [good] }, 1, 'up'],
  ['two of two alive', { healthCheckResults: [good, good] }, 2, 'up'],
  ['no result yet', { healthCheckResults: [] }, 1, 'unknown'],
  ['results missing', { healthCheckResults: undefined }, 1, 'unknown'],
  ['null as a result', { healthCheckResults: [null] }, 1, 'unknown'],
  ['one of two reported', { healthCheckResults: [good] }, 2, 'unknown'],
  ['one of two alive', { healthCheckResults: [good, bad] }, 2, 'down'],
  ['one reported and dead', { healthCheckResults: [bad] }, 2, 'down'],
  ['was alive, failed since', { healthCheckResults: [failedAgain] }, 1, 'down'],
  ['only failures within the grace period', { healthCheckResults: [silent] }, 1, 'unknown'],
  ['no more than a flag', { healthCheckResults: [{ alive: false }] }, 1, 'down'],
  ['unreachable', { state: 'TASK_UNREACHABLE', healthCheckResults: [good] }, 1, 'unknown'],
  ['a state of the future', { state: 'TASK_DREAMING', healthCheckResults: [good] }, 1, 'unknown'],
  ['ended', { state: 'TASK_FAILED', healthCheckResults: [good] }, 1, 'down'],
  ['relaunched, result of the one before', { ...second, healthCheckResults: [stale] }, 1, 'unknown'],
  ['relaunched, own result', { ...second, healthCheckResults: [good] }, 1, 'up'],
  ['relaunched, failed since, then relaunched', { ...second, healthCheckResults: [failedAgain] }, 1, 'down'],
  ['first launch, clocks that differ', { healthCheckResults: [stale] }, 1, 'up'],
])('%s', (_, fields, checks, expected) => {
  const task = wireApp.parse(wireAppOf('/a', { tasks: [wireTaskOf('/a', fields)] })).tasks?.[0];
  expect(task && healthOf(task, checks)).toBe(expected);
});
