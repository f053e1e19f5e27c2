/** What is read again, and how long an announced version is looked for. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { appId } from '../../src/model/ids.ts';
import { createQueue, type Queue } from '../../src/marathon/queue.ts';
import { v1, v2, v3 } from './support/wire.ts';

const a = appId('/a');
let queue: Queue;

beforeEach(() => {
  vi.useFakeTimers();
  queue = createQueue(() => {});
});

afterEach(() => {
  queue.close();
  vi.useRealTimers();
});

/** Reads of the app that the queue asks for, when each shows `version`, until it asks no more. */
function readsOf(version: string | null): number {
  let reads = 0;
  for (;;) {
    vi.advanceTimersByTime(10_000);
    if (queue.take(() => true) === null) return reads;
    reads += 1;
    queue.seen(a, version);
  }
}

test('an announced version that does not come is looked for a bounded number of times', () => {
  queue.add([{ app: a, version: v2 }]);
  expect(readsOf(v1)).toBe(8);
});

test('what is marked or waited for is still to come, until there is no more patience', () => {
  expect(queue.pending()).toBe(0);
  queue.add([{ app: a, version: v2 }]);
  expect(queue.pending()).toBe(1);
  expect(queue.take(() => true)).toBe(a);
  queue.seen(a, v1);
  expect(queue.pending()).toBe(1);
  readsOf(v1);
  expect(queue.pending()).toBe(0);
});

test('and again when Marathon says that a change is through', () => {
  queue.add([{ app: a, version: v2 }]);
  readsOf(v1);
  queue.markAwaited();
  expect(readsOf(v2)).toBe(1);
  queue.markAwaited();
  expect(readsOf(v2)).toBe(0);
});

test('a later version than the one announced will do, an earlier announcement changes nothing', () => {
  queue.add([
    { app: a, version: v2 },
    { app: a, version: v1 },
  ]);
  expect(readsOf(v3)).toBe(1);
  queue.add([{ app: a, version: null }]);
  expect(readsOf(v1)).toBe(1);
});

test('an app that never appears is forgotten', () => {
  queue.add([{ app: a, version: v2 }]);
  expect(readsOf(null)).toBe(8);
  queue.markAwaited();
  expect(readsOf(null)).toBe(0);
});

test('reads that other events cause use up no patience', () => {
  queue.add([{ app: a, version: v2 }]);
  for (let n = 0; n < 100; n += 1) {
    queue.mark(a);
    queue.take(() => true);
    queue.seen(a, v1);
  }
  expect(readsOf(v1)).toBe(7);
});
