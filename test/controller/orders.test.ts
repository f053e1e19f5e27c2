/** Orders by people while something is away: decided and saved at once, carried out as soon as that is possible. */
import { expect, it } from 'vitest';
import { appId, type ServiceId } from '../../src/model/ids.ts';
import type { Command, Order } from '../../src/plan/command.ts';
import { loadMemory } from '../../src/controller/memory.ts';
import { createNoStore } from '../../src/store/nothing.ts';
import { until } from '../support/wait.ts';
import { appOf, listenerLabels, memberLabels, type Rig, startRig } from './rig.ts';

const app1 = appOf('app1', listenerLabels);
const canary = appOf('app1-100', {
  ...memberLabels(10),
  ab_config: JSON.stringify({ service: 'app1', priority: 10, steps: [{ weight: 20, pause: true }] }),
});

const order = (command: Command): Order => ({
  service: appId('app1') as string as ServiceId,
  command,
  by: 'anna',
  why: null,
});

async function paused(): Promise<Rig> {
  const rig = startRig();
  rig.setApps([app1]);
  await rig.carried({ '/app1': 10_000 });
  rig.setApps([app1, canary]);
  await until('the canary', () => rig.weights()['/app1-100'] === 2000);
  return rig;
}

it.each(['observe', 'apply'] as const)(
  'sends a version back when HAProxy, away to %s, is there again',
  async (method) => {
    const rig = await paused();
    rig.fail(method, new Error('HAProxy does not answer'));
    await until('a failure', () => rig.facts.some(({ kind }) => kind === 'reconcile-failed'));
    expect(await rig.controller.order(order({ verb: 'abort' }))).toMatchObject({ outcome: 'done' });
    expect(JSON.stringify(rig.saved())).toContain('app1-100 was sent back by anna');
    rig.fail(method, null);
    await rig.carried({ '/app1': 10_000 });
  },
);

it('says why nothing can be done after a start without Marathon, of a service that is remembered', async () => {
  const document = (await paused()).saved();
  const rig = startRig(await loadMemory({ ...createNoStore(), load: async () => document }));
  expect(await rig.controller.order(order({ verb: 'abort' }))).toEqual({
    outcome: 'refused',
    problem: 'its apps are not known before Marathon has been read',
  });
  const unknown = { ...order({ verb: 'abort' }), service: '/nobody' as ServiceId };
  expect(await rig.controller.order(unknown)).toEqual({ outcome: 'unknown' });
  rig.setApps([app1, canary]);
  await until('the service', () => rig.weights()['/app1-100'] !== undefined);
  expect(await rig.controller.order(order({ verb: 'abort' }))).toMatchObject({ outcome: 'done' });
});
