/** Checks of older versions are remembered as long as a task needs them. */
import { expect, test } from 'vitest';
import { appId } from '../../src/model/ids.ts';
import { createDefinitions } from '../../src/marathon/definitions.ts';
import { wireApp } from '../../src/marathon/schema.ts';
import { v1, v2, v3, wireAppOf, wireTaskOf } from './support/wire.ts';

const a = appId('/a');
const at = (version: string, config: string, path: string, tasks: readonly string[]) =>
  wireApp.parse(
    wireAppOf('/a', {
      version,
      versionInfo: { lastConfigChangeAt: config },
      healthChecks: [{ path }],
      tasks: tasks.map((each, index) => wireTaskOf('/a', { id: `a.${index}`, version: each })),
    }),
  );

test('a version that was seen before it was replaced needs no read, scalings of it included', () => {
  const known = createDefinitions();
  known.learn(a, at(v2, v1, '/old', [v1, v2]));
  const upgraded = at(v3, v3, '/new', [v1, v2, v3]);
  known.learn(a, upgraded);
  expect(known.missing(a, upgraded)).toEqual([]);
  expect([v1, v2, v3].map((version) => known.checksOf(a, version)?.[0]?.path)).toEqual([
    '/old',
    '/old',
    '/new',
  ]);
});

test('a version that was never seen is missing, until it is learned or known to be gone', () => {
  const known = createDefinitions();
  const app = at(v3, v3, '/new', [v1, v2, v2]);
  known.learn(a, app);
  expect(known.missing(a, app)).toEqual([v1, v2]);
  known.learn(a, at(v1, v1, '/old', []));
  known.learnGone(a, v2);
  expect(known.missing(a, app)).toEqual([]);
  expect(known.checksOf(a, v2)).toBeNull();
});

test('what no task runs any more is dropped, the newest kept', () => {
  const known = createDefinitions();
  known.learn(a, at(v1, v1, '/1', []));
  known.learn(a, at(v2, v2, '/2', []));
  const app = at(v3, v3, '/3', [v2, v3]);
  known.learn(a, app);
  known.prune(a, app);
  expect([v1, v2, v3].map((version) => known.checksOf(a, version)?.[0]?.path)).toEqual([
    undefined,
    '/2',
    '/3',
  ]);
});
