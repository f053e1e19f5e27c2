/** Counters never decrease over workers, and go with the backends that nobody has any more. */
import { expect, test } from 'vitest';
import { createCounters } from '../../../src/dataplane/haproxy/counters.ts';
import { sessionsIn, type WorkerStatistics } from '../../../src/dataplane/haproxy/workers.ts';
import { noDurations } from '../../../src/model/latency.ts';

function worker(pid: number, answered: Readonly<Record<string, number>>, whole = true): WorkerStatistics {
  const rows = Object.entries(answered).map(([pxname, count]) => ({
    pxname,
    svname: 'BACKEND',
    hrsp_2xx: String(count),
  }));
  return { pid, rows, durations: new Map(), whole };
}

test('sum over the workers that there were', () => {
  const counters = createCounters();
  counters.add([worker(1, { 'x:a': 5 })]);
  counters.add([worker(2, { 'x:a': 3 }), worker(1, { 'x:a': 7 })]);
  counters.add([worker(2, { 'x:a': 4 })]);
  expect(counters.of('x:a', 'http').requests).toBe(11);
});

test('are kept while an old worker still has the backend, and not longer', () => {
  const counters = createCounters();
  counters.add([worker(1, { 'x:a': 5, 'y:a': 1 })]);
  counters.add([worker(2, { 'y:a': 0 }), worker(1, { 'x:a': 6, 'y:a': 1 })]);
  expect(counters.of('x:a', 'http').requests).toBe(6);
  counters.add([worker(2, { 'y:a': 2 })]);
  expect(counters.of('x:a', 'http').requests).toBe(0);
  expect(counters.of('y:a', 'http').requests).toBe(3);
});

test('stay when a worker that ends no longer answers', () => {
  const counters = createCounters();
  counters.add([worker(1, { 'x:a': 5 })]);
  counters.add([{ pid: 1, rows: [], durations: new Map(), whole: true }]);
  counters.add([worker(1, { 'x:a': 6 })]);
  expect(counters.of('x:a', 'http').requests).toBe(6);
});

test('of backends that were not asked for stay', () => {
  const counters = createCounters();
  counters.add([worker(1, { 'x:a': 5, 'y:a': 1 })]);
  counters.add([worker(2, { 'y:a': 1 }, false)]);
  expect(counters.of('x:a', 'http').requests).toBe(5);
  counters.add([worker(2, { 'x:a': 1, 'y:a': 1 })]);
  expect(counters.of('x:a', 'http').requests).toBe(6);
});

test('count errors and durations, over workers, and never twice', () => {
  const counters = createCounters();
  const row = (svname: string, more: Readonly<Record<string, string>>) => ({
    pxname: 'x:a',
    svname,
    ...more,
  });
  const one: WorkerStatistics = {
    pid: 1,
    rows: [
      row('BACKEND', { hrsp_2xx: '5', hrsp_5xx: '4', stot: '20', econ: '3' }),
      row(':failover', { hrsp_2xx: '1', hrsp_5xx: '2', stot: '10', econ: '1' }),
    ],
    durations: new Map([['x:a', [3, 1]]]),
    whole: true,
  };
  counters.add([one]);
  counters.add([one]);
  expect(counters.of('x:a', 'http')).toMatchObject({ requests: 6, errors: 2 });
  expect(counters.of('x:a', 'tcp')).toMatchObject({ requests: 10, errors: 2 });
  counters.add([{ ...one, pid: 2, durations: new Map([['x:a', [1, 0, 7]]]) }]);
  expect(counters.of('x:a', 'http').durations.slice(0, 4)).toEqual([4, 1, 7, 0]);
  expect(counters.of('x:b', 'http')).toEqual({ requests: 0, errors: 0, durations: noDurations });
});

test('of a backend that stands by in a new worker stay', () => {
  const counters = createCounters();
  counters.add([worker(1, { 'x:a': 5 })]);
  const idle = { pxname: 'x:a', svname: 'BACKEND', stot: '0' };
  counters.add([{ pid: 2, rows: [idle], durations: new Map(), whole: true }]);
  expect(counters.of('x:a', 'http').requests).toBe(5);
});

test('sessions are summed over workers, without those on the way to another pool', () => {
  const row = (svname: string, type: string, scur: string) => ({ pxname: 'x:a', svname, type, scur });
  const rows = [row('s1', '2', '1'), row(':failover', '2', '2'), row('BACKEND', '1', '5')];
  const one: WorkerStatistics = { pid: 1, rows, durations: new Map(), whole: true };
  expect([...sessionsIn([one, { ...one, pid: 2 }], ':failover')]).toEqual([
    ['x:a/s1', 2],
    ['x:a', 6],
  ]);
});
