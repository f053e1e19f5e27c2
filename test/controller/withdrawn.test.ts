/** Events that take endpoints out while a turn is under way, and what is told when that does not go well. */
import { setImmediate as breathe } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { createMemoryDriver, type MemoryDriver } from '../../src/dataplane/memory/driver.ts';
import type { TaskId } from '../../src/model/ids.ts';
import { until } from '../support/wait.ts';
import { appOf, listenerLabels, memberLabels, type Rig, startRig } from './rig.ts';

const app1 = appOf('app1', listenerLabels);
const app100 = appOf('app1-100', memberLabels(10));
const app200 = appOf('app1-200', memberLabels(20));

async function serving(
  memory?: MemoryDriver,
): Promise<{ readonly rig: Rig; readonly tasks: readonly TaskId[] }> {
  const rig = startRig(undefined, memory);
  rig.setApps([app1, app100]);
  await rig.carried({ '/app1-100': 10_000 });
  return { rig, tasks: app100.tasks.slice(0, 1).map((task) => task.id) };
}

function count(rig: Rig, kind: string): number {
  return rig.facts.filter((fact) => fact.kind === kind).length;
}

async function rotation(rig: Rig): Promise<readonly (readonly [string, boolean])[]> {
  const observed = await rig.driver.observe(AbortSignal.timeout(1000));
  const slot = [...observed.services.values()]
    .flatMap(({ slots }) => slots)
    .find((each) => each.app === app100.id);
  return [...(slot?.endpoints ?? [])].map(([server, seen]) => [String(server), seen.inRotation]);
}

it('an endpoint that was taken out in the middle of a turn is not brought back by it', async () => {
  const { rig, tasks } = await serving();
  let turns = 0;
  rig.onSave(() => {
    turns = count(rig, 'reconciled');
    rig.controller.withdraw(app100.id, tasks);
    // No other turn may put right what this one does.
    rig.fail('observe', new Error('away'));
    rig.onSave(() => {});
  });
  rig.setApps([app1, app100, app200]);
  await until('the turn to end', () => turns > 0 && count(rig, 'reconciled') > turns);
  expect(await rotation(rig)).toEqual([
    ['app1-100-t0', false],
    ['app1-100-t1', true],
  ]);
});

it('nor by what the turn has on its way to the data plane at that moment', async () => {
  const memory = createMemoryDriver({}, { notify: () => {} });
  let onItsWay = async (): Promise<void> => {};
  const { rig, tasks } = await serving({
    ...memory,
    apply: async (...asked) => {
      await onItsWay();
      return memory.apply(...asked);
    },
  });
  let turns = 0;
  onItsWay = async () => {
    onItsWay = async () => {};
    turns = count(rig, 'reconciled');
    rig.controller.withdraw(app100.id, tasks);
    await until('it to be out', () => rig.calls.includes('left'));
    rig.fail('observe', new Error('away'));
  };
  rig.setApps([app1, app100, app200]);
  await until('the turn to end', () => turns > 0 && count(rig, 'reconciled') > turns);
  expect(await rotation(rig)).toEqual([
    ['app1-100-t0', false],
    ['app1-100-t1', true],
  ]);
});

it('a failure to take one out is told, and told to be over by the next good turn', async () => {
  const { rig, tasks } = await serving();
  rig.fail('withdraw', new Error('HAProxy does not answer'));
  rig.controller.withdraw(app100.id, tasks);
  await until('a failure', () => count(rig, 'reconcile-failed') === 1);
  await until('its end', () => count(rig, 'reconcile-recovered') > 0);
  expect(rig.controller.state().notReady).toBeNull();
});

it('what is taken out before there is a data plane is left to the first turn, and nothing fails', async () => {
  const { promise: begins, resolve: begin } = Promise.withResolvers<void>();
  const rig = startRig(undefined, undefined, begins);
  onTestFinished(() => begin());
  rig.setApps([app1, app100]);
  rig.fail('withdraw', new Error('HAProxy does not run'));
  rig.controller.withdraw(
    app100.id,
    app100.tasks.slice(0, 1).map((task) => task.id),
  );
  await breathe();
  expect(rig.calls).toEqual([]);
  rig.fail('withdraw', null);
  begin();
  await until('a turn', () => count(rig, 'reconciled') > 0);
  expect(count(rig, 'reconcile-failed')).toBe(0);
  expect(rig.calls[0]).toEqual({ look: 'all' });
});
