/** The control loop: what it publishes, what it does when a port fails, and what it remembers. */
import { describe, expect, it } from 'vitest';
import { loadMemory } from '../../src/controller/memory.ts';
import { createNoStore } from '../../src/store/nothing.ts';
import { DataPlaneError } from '../../src/dataplane/errors.ts';
import { until } from '../support/wait.ts';
import { appOf, listenerLabels, memberLabels, startRig } from './rig.ts';

const app1 = appOf('app1', listenerLabels);
const app100 = appOf('app1-100', memberLabels(10));

describe('the control loop', () => {
  it('does nothing and is not ready before Marathon was read', async () => {
    const rig = startRig();
    await until('a reason', () => rig.controller.state().notReady === 'no Marathon answered');
    expect(rig.facts).toEqual([]);
  });

  it('is ready with an empty Marathon', async () => {
    const rig = startRig();
    rig.setApps([]);
    await until('ready', () => rig.controller.state().notReady === null);
    expect(rig.facts.map((fact) => fact.kind)).toContain('ready');
    expect(rig.controller.state().services).toEqual([]);
  });

  it('publishes each move of traffic once, with its reason', async () => {
    const rig = startRig();
    rig.setApps([app1]);
    await rig.carried({ '/app1': 10_000 });
    rig.setApps([app1, app100]);
    await rig.carried({ '/app1-100': 10_000 });
    await until('the phase', () => rig.controller.state().services[0]?.phase === 'settled');
    const moves = rig.facts.filter((fact) => fact.kind === 'traffic-moved');
    expect(moves.map(({ from, to }) => ({ from, to }))).toEqual([
      { from: {}, to: { '/app1': 10_000 } },
      { from: { '/app1': 10_000 }, to: { '/app1-100': 10_000 } },
    ]);
    expect(moves[1]?.because.code).toBe('highest-priority');
  });

  it('keeps its last state and says why when the data plane is away, and goes on when it is back', async () => {
    const rig = startRig();
    rig.setApps([app1]);
    await rig.carried({ '/app1': 10_000 });
    rig.fail('observe', new DataPlaneError('data-plane-unreachable', 'HAProxy does not answer'));
    await until('not ready', () => rig.controller.state().notReady === 'HAProxy does not answer');
    expect(rig.weights()).toEqual({ '/app1': 10_000 });
    expect(rig.facts).toContainEqual({
      kind: 'reconcile-failed',
      code: 'data-plane-unreachable',
      problem: 'HAProxy does not answer',
    });
    rig.fail('observe', null);
    await until('ready again', () => rig.controller.state().notReady === null);
  });

  it('does not count a move as made before the data plane confirms it', async () => {
    const rig = startRig();
    rig.setApps([app1]);
    await rig.carried({ '/app1': 10_000 });
    rig.fail('verify', new DataPlaneError('data-plane-unreachable', 'no answer'));
    rig.setApps([app1, app100]);
    await until('a failure', () => rig.facts.some((fact) => fact.kind === 'reconcile-failed'));
    const moves = () => rig.facts.filter((fact) => fact.kind === 'traffic-moved');
    expect(moves()).toHaveLength(1);
    rig.fail('verify', null);
    await until('the move to be told', () => moves().length === 2);
    expect(moves()[1]).toMatchObject({ from: { '/app1': 10_000 }, to: { '/app1-100': 10_000 } });
    expect(rig.facts.map((fact) => fact.kind)).toContain('reconcile-recovered');
  });

  it('raises a diagnostic once and clears it when the label is mended', async () => {
    const rig = startRig();
    rig.setApps([
      app1,
      appOf('app1-100', { proxy_listener: 'no', ab_config: '{"service": "app1" "priority": 10}' }),
    ]);
    await until('raised', () => rig.facts.some((fact) => fact.kind === 'diagnostic-raised'));
    rig.setApps([app1, app100]);
    await rig.carried({ '/app1-100': 10_000 });
    await until('cleared', () => rig.facts.some((fact) => fact.kind === 'diagnostic-cleared'));
    expect(rig.facts.filter((fact) => fact.kind === 'diagnostic-raised')).toHaveLength(1);
    expect(rig.controller.state().diagnostics).toEqual([]);
  });

  it('remembers sides and slots over a restart', async () => {
    const first = startRig();
    first.setApps([app1, app100]);
    await first.carried({ '/app1-100': 10_000 });
    const document = first.saved();
    const remembered = await loadMemory({ ...createNoStore(), load: async () => document });
    const second = startRig(remembered);
    second.setApps([app100]);
    await until('the pool', () => second.controller.state().services[0]?.pools[0]?.state === 'active');
    expect(second.controller.state().services[0]).toMatchObject({ service: '/app1', listenerGone: true });
    expect(second.controller.state().services[0]?.pools[0]).toMatchObject({
      app: '/app1-100',
      side: 'B',
      slot: 'b',
    });
  });

  it('reports what is realised since the last move', async () => {
    const rig = startRig();
    rig.setApps([app1]);
    await rig.carried({ '/app1': 10_000 });
    const service = rig.controller.state().services[0];
    const slot = service?.pools[0]?.slot;
    if (service === undefined || slot === undefined) throw new Error('no service');
    rig.driver.serve(service.service, slot, 50);
    await until(
      '50 requests',
      () => [...rig.controller.state().realised.values()][0]?.requests.get(app1.id) === 50,
    );
    rig.setApps([app1, app100]);
    await rig.carried({ '/app1-100': 10_000 });
    const count = await until('a new count', () => {
      const requests = [...rig.controller.state().realised.values()][0]?.requests.get(app1.id);
      return requests === 0 ? 'anew' : false;
    });
    expect(count).toBe('anew');
  });
});
