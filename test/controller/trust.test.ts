/** I5: what an answer of Marathon takes away is not believed at once; what an event says of a task is. */
import { describe, expect, it } from 'vitest';
import type { App } from '../../src/model/app.ts';
import { millis, serverName } from '../../src/model/ids.ts';
import { until } from '../support/wait.ts';
import { appOf, listenerLabels, memberLabels, type Rig, startRig } from './rig.ts';

const app1 = appOf('app1', listenerLabels);
const app100 = appOf('app1-100', memberLabels(10));
const shop = appOf('shop', { ...listenerLabels, avi_proxy: listenerLabels.avi_proxy.replace('80', '81') }, 8);

async function serving(rig: Rig): Promise<void> {
  rig.setApps([app1, app100, shop]);
  await rig.carried({ '/app1-100': 10_000, '/shop': 10_000 });
}

function endpoints(rig: Rig): number {
  return rig.controller.state().services.flatMap(({ pools }) => pools.flatMap((pool) => pool.endpoints))
    .length;
}

/** The checks of all endpoints that these apps do not have fail from now on. */
function die(rig: Rig, left: readonly App[]): void {
  const staying = new Set(left.flatMap((app) => app.tasks.map((task) => task.id)));
  for (const { id } of [app1, app100, shop].flatMap((app) => app.tasks)) {
    if (!staying.has(id)) rig.driver.setCheck(serverName(id), 'failed');
  }
}

function kinds(rig: Rig): readonly string[] {
  return rig.facts.map((fact) => fact.kind);
}

describe('an answer that takes much away', () => {
  it.each([
    ['everything', []],
    ['more than half', [app1, { ...shop, tasks: shop.tasks.slice(0, 3) }]],
    ['all of one service', [app1, app100]],
  ])('removes nothing before a second one agrees: %s', async (_, apps) => {
    const rig = startRig();
    await serving(rig);
    rig.setApps(apps);
    await until('a doubt', () => kinds(rig).includes('read-doubted'));
    expect(endpoints(rig)).toBe(12);
    // The answers go on, but so do the endpoints: their own checks pass.
    await until('two more answers', () => rig.rereads() >= 2);
    expect(endpoints(rig)).toBe(12);
    expect(kinds(rig)).not.toContain('read-believed');
    die(rig, apps);
    await until('it to be believed', () => kinds(rig).includes('read-believed'));
    await until('the loss', () => endpoints(rig) === apps.reduce((sum, app) => sum + app.tasks.length, 0));
  });

  it('is held against the services that it leaves something out of, not against all', async () => {
    const rig = startRig();
    await serving(rig);
    rig.setApps([app1, app100]);
    await until('a doubt', () => kinds(rig).includes('read-doubted'));
    const looks = rig.calls.flatMap((call) =>
      typeof call === 'object' && call.look !== 'all' ? [[...call.look]] : [],
    );
    expect(looks).toContainEqual(['/shop']);
    expect(endpoints(rig)).toBe(12);
  });

  it('does not take the endpoint away that still works when the other one has died unnoticed', async () => {
    const rig = startRig();
    rig.setApps([app1, shop]);
    await rig.carried({ '/app1': 10_000, '/shop': 10_000 });
    const turns = () => kinds(rig).filter((kind) => kind === 'reconciled').length;
    const before = turns();
    await until('two more looks at what serves', () => turns() >= before + 2);
    const [dead] = app1.tasks;
    if (dead === undefined) throw new Error('no task');
    rig.driver.setCheck(serverName(dead.id), 'failed');
    rig.setApps([{ ...app1, tasks: [dead] }, shop]);
    await until('two answers without the other one', () => rig.rereads() >= 2);
    rig.setApps([{ ...app1, tasks: [] }, shop]);
    await until('two more with neither', () => rig.rereads() >= 4);
    expect(endpoints(rig)).toBe(10);
    expect(kinds(rig)).not.toContain('read-believed');
  });

  it('removes nothing at all when the second one names them again', async () => {
    const rig = startRig();
    await serving(rig);
    rig.setApps([]);
    await until('a doubt', () => kinds(rig).includes('read-doubted'));
    rig.setApps([app1, app100, shop]);
    await until('it to be believed', () => kinds(rig).includes('read-believed'));
    expect(endpoints(rig)).toBe(12);
    expect(rig.facts.filter((fact) => fact.kind === 'traffic-moved')).toHaveLength(2);
  });

  it('does not bring back what an event has taken out', async () => {
    const rig = startRig();
    await serving(rig);
    const [task] = app100.tasks;
    if (task === undefined) throw new Error('no task');
    rig.controller.withdraw(app100.id, [task.id]);
    rig.setApps([]);
    await until('a doubt', () => kinds(rig).includes('read-doubted'));
    await until('an answer', () => rig.rereads() >= 1);
    const pools = rig.controller.state().services.flatMap((service) => service.pools);
    const held = pools.flatMap((pool) => pool.endpoints).filter((each) => each.rotation === 'hold');
    expect(held.map((each) => each.task)).toEqual([task.id]);
  });

  it('is believed at once when it is a statement about tasks, or takes away little', async () => {
    const rig = startRig();
    await serving(rig);
    const dead = { ...app100, tasks: app100.tasks.map((task) => ({ ...task, state: 'TASK_FAILED' })) };
    rig.setApps([app1, dead, shop]);
    await rig.carried({ '/app1': 10_000, '/shop': 10_000 });
    rig.setApps([app1, dead, { ...shop, tasks: shop.tasks.slice(1) }]);
    await until('the loss', () => endpoints(rig) === 9);
    expect(kinds(rig)).not.toContain('read-doubted');
  });

  it('is nothing to act on at the start, when the data plane serves what it does not name', async () => {
    const before = startRig();
    await serving(before);
    const rig = startRig(undefined, before.driver);
    rig.setApps([]);
    await until('a doubt', () => kinds(rig).includes('read-doubted'));
    expect(rig.controller.state().notReady).toContain('it names 12 of the 12 tasks that are served no more');
    expect(before.weights()).toEqual({ '/app1-100': 10_000, '/shop': 10_000 });
    rig.setApps([app1, app100, shop]);
    await until('ready', () => rig.controller.state().notReady === null);
    expect(rig.weights()).toEqual({ '/app1-100': 10_000, '/shop': 10_000 });
  });
});

it('takes the endpoints that an event names out of rotation before anything is read', async () => {
  const rig = startRig();
  await serving(rig);
  const [task] = app100.tasks;
  if (task === undefined) throw new Error('no task');
  // The picture stays as it was, so the next turn would put it back: what counts is that the fact comes first.
  rig.fail('observe', new Error('away'));
  rig.controller.withdraw(app100.id, [task.id]);
  await until('the fact', () => kinds(rig).includes('endpoints-withdrawn'));
  const observed = await rig.driver.observe(AbortSignal.timeout(1000));
  const slots = [...observed.services.values()].flatMap((service) => service.slots);
  const held = slots.flatMap((slot) => [...slot.endpoints]).filter(([, seen]) => !seen.inRotation);
  expect(held.map(([server]) => String(server))).toEqual(['app1-100-t0']);
});

it('does not begin a turn while what an event names is on its way out', async () => {
  const rig = startRig();
  await serving(rig);
  const [task] = app100.tasks;
  if (task === undefined) throw new Error('no task');
  let seen = -1;
  await until('a rest', () => seen === (seen = rig.calls.length));
  rig.controller.withdraw(app100.id, [task.id]);
  rig.controller.wake('whole');
  await until('the turn', () => rig.calls.length > seen + 2);
  expect(rig.calls.slice(seen, seen + 3)).toEqual(['leaving', 'left', { look: 'all' }]);
});

it('is not ready after half a minute without a sign of life from Marathon, though traffic goes on', async () => {
  const rig = startRig();
  rig.hear(millis(Date.now()));
  await serving(rig);
  await until('ready', () => rig.controller.state().notReady === null);
  rig.hear(millis(Date.now() - 31_000));
  expect(rig.controller.state().notReady).toMatch(/^nothing was heard of Marathon for 31 s/);
  expect(rig.weights()).toEqual({ '/app1-100': 10_000, '/shop': 10_000 });
});

it('is not ready after half a minute of reads that fail, though the event stream is alive', async () => {
  const rig = startRig();
  await serving(rig);
  rig.hear(millis(Date.now()), millis(Date.now() - 20_000));
  await until('ready', () => rig.controller.state().notReady === null);
  rig.hear(millis(Date.now()), millis(Date.now() - 31_000));
  expect(rig.controller.state().notReady).toMatch(/^the apps of Marathon could not be read for 31 s/);
  expect(rig.weights()).toEqual({ '/app1-100': 10_000, '/shop': 10_000 });
});
