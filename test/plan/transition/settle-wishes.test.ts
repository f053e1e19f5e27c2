/** Wishes of several services about one app. */
import { expect, it } from 'vitest';
import { appId, serviceOf, taskId } from '../../../src/model/ids.ts';
import type { Because } from '../../../src/plan/because.ts';
import { settleWishes } from '../../../src/plan/settle-wishes.ts';
import type { PoolVerdict } from '../../../src/plan/verdict.ts';
import type { Wish } from '../../../src/plan/wishes.ts';

const because: Because = { code: 'retiring', text: 'test', facts: {} };
const app = appId('app1');

function service(
  id: string,
  wishes: readonly Wish[],
  pools: readonly string[] = ['app1'],
  listener = 'front',
) {
  return {
    service: serviceOf(appId(id)),
    listenerApp: appId(listener),
    pools: pools.map((each) => ({ app: appId(each) }) as PoolVerdict),
    wishes,
  };
}

const scale = (instances: number): Wish => ({ kind: 'scale', app, instances, because });
const kill = (...tasks: readonly string[]): Wish => ({
  kind: 'kill',
  app,
  tasks: tasks.map(taskId),
  because,
});
const remove: Wish = { kind: 'delete', app, because };

it.each<[string, readonly (readonly Wish[])[], Wish | null]>([
  ['one that wishes it away', [[scale(0)]], scale(0)],
  ['one that wishes it away and one that needs it', [[scale(0)], []], null],
  ['both wish it away', [[scale(0)], [scale(0)]], scale(0)],
  ['one has it deleted, one is not so far', [[remove], [scale(0)]], scale(0)],
  ['both have it deleted', [[remove], [remove]], remove],
  ['one has it deleted, one needs it', [[remove], []], null],
  ['the greater of two that grow it', [[scale(2)], [scale(3)]], scale(3)],
  ['one grows it, one wishes it away', [[scale(0)], [scale(3)]], scale(3)],
  ['one grows it, one does not care', [[], [scale(3)]], scale(3)],
  ['tasks that both are done with', [[kill('a', 'b')], [kill('b', 'c')]], kill('b')],
  ['tasks that only one is done with', [[kill('a')], [kill('b')]], null],
  ['tasks, and one that needs them', [[kill('a')], []], null],
  ['tasks, and one that wishes the app away', [[kill('a')], [scale(0)]], null],
])('%s', (_, wishes, expected) => {
  const services = wishes.map((each, index) => service(`service${index}`, each));
  expect(settleWishes(services).map(({ wish }) => wish)).toEqual(expected === null ? [] : [expected]);
});

it('never deletes the app that declares a listener, whoever wishes it', () => {
  expect(settleWishes([service('one', [remove], ['app1'], 'app1')])).toEqual([]);
});

it('a service of which the app is no pool has no say, and all are sorted by app', () => {
  const other: Wish = { kind: 'scale', app: appId('a'), instances: 2, because };
  const settled = settleWishes([
    service('one', [scale(0)]),
    service('two', [other], ['a']),
    service('three', [], ['b']),
  ]);
  expect(settled.map(({ service: id, wish }) => [id, wish.app])).toEqual([
    ['/two', '/a'],
    ['/one', '/app1'],
  ]);
});
