/** The snapshot takes reads over in the order in which they began, whatever order they end in. */
import { expect, test } from 'vitest';
import type { App } from '../../src/model/app.ts';
import { type AppId, appId, millis } from '../../src/model/ids.ts';
import { wireApp } from '../../src/marathon/schema.ts';
import { createSnapshot } from '../../src/marathon/snapshot.ts';
import { toApp } from '../../src/marathon/to-model.ts';
import { wireAppOf } from './support/wire.ts';

const [a, b] = [appId('/a'), appId('/b')];
const none: ReadonlySet<AppId> = new Set();
const app = (id: string, instances: number): App =>
  toApp(wireApp.parse(wireAppOf(id, { instances })), {
    checksOf: () => null,
    previous: null,
    now: millis(0),
  });
const one = (instances: number) => new Map([[a, app('/a', instances)]]);

test('an older list changes nothing that a later read said', () => {
  const snapshot = createSnapshot();
  const list = snapshot.begin();
  snapshot.put(
    new Map([
      [a, app('/a', 2)],
      [b, null],
    ]),
    snapshot.begin(),
  );
  snapshot.replace(new Map([...one(1), [b, app('/b', 1)]]), none, list);
  expect([...snapshot.cluster().apps].map(([id, { instances }]) => [id, instances])).toEqual([['/a', 2]]);
});

test('an older read of an app does not bring it back after a list without it', () => {
  const snapshot = createSnapshot();
  snapshot.put(one(1), snapshot.begin());
  const single = snapshot.begin();
  expect(snapshot.replace(new Map(), none, snapshot.begin())).toBe(true);
  expect(snapshot.put(one(1), single)).toBe(false);
  expect(snapshot.cluster().apps.size).toBe(0);
  expect(snapshot.put(one(1), snapshot.begin())).toBe(true);
});

test('a list removes what is gone, but not what it could not read', () => {
  const snapshot = createSnapshot();
  snapshot.put(new Map([...one(1), [b, app('/b', 1)]]), snapshot.begin());
  snapshot.replace(new Map(), new Set([b]), snapshot.begin());
  expect([...snapshot.cluster().apps.keys()]).toEqual(['/b']);
});

test('the same again is no change, and every change is another cluster', () => {
  const snapshot = createSnapshot();
  snapshot.put(one(1), snapshot.begin());
  const first = snapshot.cluster();
  expect(snapshot.put(one(1), snapshot.begin())).toBe(false);
  expect(snapshot.cluster()).toBe(first);
  expect(snapshot.put(one(2), snapshot.begin())).toBe(true);
  expect(first.apps.get(a)?.instances).toBe(1);
  expect(snapshot.app(a)?.instances).toBe(2);
  snapshot.put(new Map([[a, null]]), snapshot.begin());
  expect([snapshot.app(a), snapshot.size(), first.apps.size]).toEqual([null, 0, 1]);
});

test('a task that an event takes down stays down until a read that begins later', () => {
  const snapshot = createSnapshot();
  snapshot.put(one(1), snapshot.begin());
  const [task] = snapshot.cluster().apps.get(a)?.tasks ?? [];
  if (task === undefined) throw new Error('no task');
  const early = snapshot.begin();
  const healths = () =>
    snapshot
      .cluster()
      .apps.get(a)
      ?.tasks.map(({ health }) => health);
  expect(snapshot.withdraw(a, [task.id])).toBe(true);
  expect(snapshot.withdraw(a, [task.id])).toBe(false);
  expect(healths()).toEqual(['down']);
  snapshot.put(one(1), early);
  expect(healths()).toEqual(['down']);
  snapshot.put(one(1), snapshot.begin());
  expect(healths()).toEqual([task.health]);
});
