/** Marathon's health results become up, down or unknown, and the last word holds for a time. */
import { describe, expect, test } from 'vitest';
import { healthOf, heldHealth, toHealthCheck, type KnownHealth } from '../../src/marathon/health.ts';
import type { Health } from '../../src/model/app.ts';
import { millis } from '../../src/model/ids.ts';
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

describe('the last word', () => {
  const minuteMs = 60_000;
  const asked = millis(1_800_000_000_000);
  const check = toHealthCheck(wireApp.parse(wireAppOf('/a')).healthChecks[0] as never);
  const up: KnownHealth = { health: 'up', silentSince: null };
  const down: KnownHealth = { health: 'down', silentSince: null };
  const silentFor = (minutes: number, known: KnownHealth): KnownHealth => ({
    ...known,
    silentSince: millis(asked - minutes * minuteMs),
  });
  const running = 'TASK_RUNNING';

  test.each<[string, Health, string, KnownHealth | null, string, boolean]>([
    ['said now', 'up', running, null, 'up', false],
    ['said now, otherwise than before', 'down', running, up, 'down', false],
    ['said again after a silence', 'down', running, silentFor(5, up), 'down', false],
    ['never said', 'unknown', running, null, 'unknown', true],
    ['was up a moment ago', 'unknown', running, up, 'up', true],
    ['was down a moment ago', 'unknown', running, down, 'down', true],
    ['was up, silent for 9 minutes', 'unknown', running, silentFor(9, up), 'up', true],
    ['was up, silent for 10 minutes', 'unknown', running, silentFor(10, up), 'unknown', true],
    ['was down, silent for 10 minutes', 'unknown', running, silentFor(10, down), 'unknown', true],
    ['was up, out of sight', 'unknown', 'TASK_UNREACHABLE', up, 'up', true],
    ['was up, out of sight for too long', 'unknown', 'TASK_UNREACHABLE', silentFor(10, up), 'unknown', true],
    ['was up, is being killed', 'unknown', 'TASK_KILLING', up, 'unknown', true],
    ['a clock that was set back by an hour', 'unknown', running, silentFor(-60, up), 'up', true],
  ])('%s', (_, reported, state, before, expected, silent) => {
    const known = heldHealth(reported, state, before, [check], asked);
    expect(known.health).toBe(expected);
    expect(known.silentSince !== null).toBe(silent);
    expect(known.silentSince ?? asked).toBeLessThanOrEqual(asked);
  });

  test('holds as long as the grace and the interval of the checks, where they are longer', () => {
    const slow = [check, { ...check, graceSec: 1800, intervalSec: 60 }];
    expect(heldHealth('unknown', running, silentFor(30, up), slow, asked).health).toBe('up');
    expect(heldHealth('unknown', running, silentFor(31, up), slow, asked).health).toBe('unknown');
  });

  test('is counted from the first silent answer on', () => {
    const first = heldHealth('unknown', running, up, [check], asked);
    const later = heldHealth('unknown', running, first, [check], millis(asked + 9 * minuteMs));
    expect(later).toEqual({ health: 'up', silentSince: asked });
    expect(heldHealth('unknown', running, later, [check], millis(asked + 10 * minuteMs)).health).toBe(
      'unknown',
    );
  });
});
