/** Counters never decrease over workers, and go with the backends that nobody has any more. */
import { expect, test } from 'vitest';
import { createCounters } from '../../../src/dataplane/haproxy/counters.ts';
import type { WorkerStatistics } from '../../../src/dataplane/haproxy/workers.ts';

function worker(pid: number, answered: Readonly<Record<string, number>>, whole = true): WorkerStatistics {
  const rows = Object.entries(answered).map(([pxname, count]) => ({
    pxname,
    svname: 'BACKEND',
    hrsp_2xx: String(count),
  }));
  return { pid, rows, whole };
}

test('sum over the workers that there were', () => {
  const counters = createCounters();
  counters.add([worker(1, { 'x:a': 5 })]);
  counters.add([worker(2, { 'x:a': 3 }), worker(1, { 'x:a': 7 })]);
  counters.add([worker(2, { 'x:a': 4 })]);
  expect(counters.requests('x:a', 'http')).toBe(11);
});

test('are kept while an old worker still has the backend, and not longer', () => {
  const counters = createCounters();
  counters.add([worker(1, { 'x:a': 5, 'y:a': 1 })]);
  counters.add([worker(2, { 'y:a': 0 }), worker(1, { 'x:a': 6, 'y:a': 1 })]);
  expect(counters.requests('x:a', 'http')).toBe(6);
  counters.add([worker(2, { 'y:a': 2 })]);
  expect(counters.requests('x:a', 'http')).toBe(0);
  expect(counters.requests('y:a', 'http')).toBe(3);
});

test('stay when a worker that ends no longer answers', () => {
  const counters = createCounters();
  counters.add([worker(1, { 'x:a': 5 })]);
  counters.add([{ pid: 1, rows: [], whole: true }]);
  counters.add([worker(1, { 'x:a': 6 })]);
  expect(counters.requests('x:a', 'http')).toBe(6);
});

test('of backends that were not asked for stay', () => {
  const counters = createCounters();
  counters.add([worker(1, { 'x:a': 5, 'y:a': 1 })]);
  counters.add([worker(2, { 'y:a': 1 }, false)]);
  expect(counters.requests('x:a', 'http')).toBe(5);
  counters.add([worker(2, { 'x:a': 1, 'y:a': 1 })]);
  expect(counters.requests('x:a', 'http')).toBe(6);
});
