/** Work follows what has changed: which services a turn is about, and that it is about no others. */
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { basisOf, changedServices, emptyBasis } from '../../src/controller/due.ts';
import { createMemoryDriver } from '../../src/dataplane/memory/driver.ts';
import type { Scope } from '../../src/dataplane/driver.ts';
import type { DeclaredService } from '../../src/declared/types.ts';
import type { App } from '../../src/model/app.ts';
import { until } from '../support/wait.ts';
import { appOf, listenerLabels, memberLabels, startRig } from './rig.ts';

function serviceOf(id: string, apps: readonly string[]): DeclaredService {
  return { id, pools: apps.map((app) => ({ app })) } as unknown as DeclaredService;
}

function basis(services: readonly DeclaredService[], apps: readonly App[]) {
  return basisOf(new Map(apps.map((app) => [app.id, app])), services, emptyBasis);
}

const [a, b] = [appOf('a', {}), appOf('b', {})];
const [one, two] = [serviceOf('/one', ['/a']), serviceOf('/two', ['/a', '/b'])];

it.each([
  ['nothing', [one, two], [a, b], []],
  ['the tasks of an app', [one, two], [a, { ...b, tasks: [] }], ['/two']],
  ['an app of two services', [one, two], [{ ...a, tasks: [] }, b], ['/one', '/two']],
  ['an app that is gone', [one, two], [a], ['/two']],
  ['a declaration', [serviceOf('/one', ['/b']), two], [a, b], ['/one']],
  ['a new service', [one, two, serviceOf('/three', [])], [a, b], ['/three']],
  ['a service that is gone', [two], [a, b], ['/one']],
])('%s makes due what rests on it', (_, services, apps, due) => {
  const changed = changedServices(basis([one, two], [a, b]), basis(services, apps));
  expect([...changed].sort()).toEqual(due);
});

it('a change of one app asks and changes nothing of other services', async () => {
  const memory = createMemoryDriver({}, { notify: () => {} });
  const scopes: Scope[] = [];
  const applied: string[][] = [];
  const rig = startRig(undefined, {
    ...memory,
    observe: (signal, scope) => {
      scopes.push(scope ?? 'all');
      return memory.observe(signal, scope);
    },
    apply: (target, signal, scope) => {
      if (scope !== 'all') applied.push(target.map((each) => String(each.service)));
      return memory.apply(target, signal, scope);
    },
  });
  const ports = { avi_proxy: '{"virtualservice": {"services": [{"port": 81}]}}' };
  const [app1, shop] = [appOf('app1', listenerLabels), appOf('shop', { ...listenerLabels, ...ports })];
  rig.setApps([app1, shop]);
  await rig.carried({ '/app1': 10_000, '/shop': 10_000 });
  scopes.length = 0;
  await until('nothing to be awaited any more', () => scopes.at(-1) === 'all');
  scopes.length = 0;
  applied.length = 0;
  rig.setApps([app1, shop, appOf('app1-100', memberLabels(10))]);
  await rig.carried({ '/app1-100': 10_000, '/shop': 10_000 });
  await until('a turn about one service', () => applied.length > 0);
  expect(new Set(applied.flat())).toEqual(new Set(['/app1']));
  const parts = scopes.filter((scope) => scope !== 'all');
  expect(new Set(parts.flatMap((scope) => [...scope].map(String)))).toEqual(new Set(['/app1']));
});

it('an app that only gets other tasks is not declared anew', async () => {
  const rig = startRig();
  const app1 = appOf('app1', listenerLabels);
  rig.setApps([app1, appOf('stray', { 'FE-Prox': 'yes' })]);
  await rig.carried({ '/app1': 10_000 });
  const { diagnostics } = rig.controller.state();
  rig.setApps([{ ...app1, tasks: app1.tasks.slice(1) }, appOf('stray', { 'FE-Prox': 'yes' })]);
  await until('the loss', () => rig.controller.state().services[0]?.pools[0]?.endpoints.length === 1);
  // The very same objects: nobody has made them again.
  expect(rig.controller.state().diagnostics.map((each, at) => each === diagnostics[at])).toEqual([true]);
});

it('what an app without a service says wrong is told of before all is looked at again', async () => {
  const memory = createMemoryDriver({}, { notify: () => {} });
  const scopes: Scope[] = [];
  const rig = startRig(undefined, {
    ...memory,
    observe: async (signal, scope) => {
      scopes.push(scope ?? 'all');
      // A look at all that takes so long is not taken again soon.
      if (scope === 'all') await pause(40);
      return memory.observe(signal, scope);
    },
  });
  const app1 = appOf('app1', listenerLabels);
  rig.setApps([app1]);
  await rig.carried({ '/app1': 10_000 });
  scopes.length = 0;
  await until('a look at all', () => scopes.at(-1) === 'all');
  await until('its end', () => rig.facts.at(-1)?.kind === 'counted');
  scopes.length = 0;
  rig.setApps([app1, appOf('stray', { 'FE-Prox': 'yes' })]);
  await until('the diagnostic', () => rig.controller.state().diagnostics.length === 1);
  expect(scopes).not.toContain('all');
});
