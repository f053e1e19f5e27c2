/** What is still to be read is counted, and an old answer about an app that is gone leaves nothing behind. */
import { afterEach, expect, test } from 'vitest';
import { type App } from '../../src/model/app.ts';
import { type AppId, appId, millis } from '../../src/model/ids.ts';
import { createIntake, type Intake } from '../../src/marathon/intake.ts';
import type { Rest } from '../../src/marathon/rest.ts';
import { createSnapshot } from '../../src/marathon/snapshot.ts';
import { createSync, type Sync } from '../../src/marathon/sync.ts';
import { until } from '../support/wait.ts';
import { type Wire, wireAppOf } from './support/wire.ts';

const a = appId('/a');
const snapshot = createSnapshot();
let sync: Sync | null = null;

afterEach(async () => {
  await sync?.stop();
});

function answered<T>(waiting: ((answer: T) => void)[], signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    waiting.push(resolve);
    signal.addEventListener('abort', () => reject(new Error('nobody waits any more')), { once: true });
  });
}

/** A Marathon whose answers come when the test says so, and what is forgotten of its apps. */
function begin() {
  const lists: ((apps: readonly Wire[]) => void)[] = [];
  const reads: ((app: Wire) => void)[] = [];
  const rest: Rest = {
    apps: (signal) => answered(lists, signal),
    app: (_, signal) => answered(reads, signal),
    definition: () => Promise.reject(new Error('nobody runs an older version')),
  };
  const forgotten: AppId[] = [];
  const real = createIntake({
    rest,
    previous: (id): App | null => snapshot.cluster().apps.get(id) ?? null,
    clock: () => millis(0),
    timeoutMs: 1000,
    onRejected: () => {},
  });
  const intake: Intake = {
    ...real,
    forget: (id) => {
      forgotten.push(id);
      real.forget(id);
    },
  };
  sync = createSync({
    rest,
    intake,
    snapshot,
    resyncMs: () => 600_000,
    backoff: { firstMs: 20, maxMs: 100 },
    notify: () => {},
    onRead: () => {},
  });
  return { sync, lists, reads, forgotten };
}

test('a read that a later list has overtaken', async () => {
  const { sync, lists, reads, forgotten } = begin();
  expect(sync.pending()).toBe(0);
  sync.requestList('start');
  await until('the first list', () => lists.length === 1);
  lists.shift()?.([wireAppOf('/a')]);
  await until('the app', () => snapshot.cluster().apps.has(a));

  sync.follow({ hints: [{ app: a, version: null }], changed: false });
  expect(sync.pending()).toBeGreaterThan(0);
  await until('the read', () => reads.length === 1);
  expect(sync.pending()).toBe(1);
  sync.requestList('periodic');
  await until('the second list', () => lists.length === 1);
  lists.shift()?.([]);
  await until('the app to be gone', () => !snapshot.cluster().apps.has(a));
  expect(forgotten).toEqual([a]);
  reads.shift()?.(wireAppOf('/a'));
  await until('nothing to be left', () => sync.pending() === 0);
  expect(snapshot.cluster().apps.has(a)).toBe(false);
  expect(forgotten).toEqual([a, a]);
});

test('a small part of many apps is read app by app, a larger one as a list', async () => {
  const { sync, lists, reads } = begin();
  const ids = Array.from({ length: 200 }, (_, index) => appId(`/many/${index}`));
  sync.requestList('start');
  await until('the first list', () => lists.length === 1);
  lists.shift()?.(ids.map((id) => wireAppOf(id)));
  await until('the apps', () => snapshot.cluster().apps.size === 200);
  const marked = (count: number) => ({
    hints: ids.slice(0, count).map((app) => ({ app, version: null })),
    changed: false,
  });
  sync.follow(marked(25));
  await until('reads', () => reads.length === 6);
  expect(lists).toEqual([]);
  sync.follow(marked(32));
  await until('a list', () => lists.length === 1);
});
