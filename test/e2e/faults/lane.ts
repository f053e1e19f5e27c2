/** A lane: a stage on which case after case is played, beside a service that nobody touches. */
import { expect } from 'vitest';
import { listenerApp, versionApp } from '../../support/apps.ts';
import { setStage, type Stage } from '../stage.ts';

export interface Lane {
  readonly stage: Stage;
  startBaton(): Promise<void>;
  /** @throws AssertionError when the service beside the cases has been touched */
  expectUntouched(): Promise<void>;
}

/** How often Baton reads the whole list at the least. */
export const resyncMs = 3000;

/** Baton is told to notice quickly what it would otherwise notice after tens of seconds. */
const quick = ['--resync', `${resyncMs}ms`, '--marathon-idle', '1s', '--request-timeout', '1s'];
/** Requests that are to stay in progress may. */
const patient = ['--haproxy-timeout', 'client=10m', '--haproxy-timeout', 'server=10m'];

export async function openLane(): Promise<Lane> {
  const stage = await setStage({ simulator: { heartbeatMs: 300 }, flags: [...quick, ...patient] });

  async function startBaton(): Promise<void> {
    await stage.startBaton();
  }

  async function beside(): Promise<unknown> {
    const { phase, pools, transition } = await stage.baton().service('/beside');
    return {
      phase,
      transition,
      pools: pools.map(({ app, slot, weight, endpoints }) => ({
        app,
        slot,
        weight,
        endpoints: endpoints.map(({ server, rotation, probed }) => ({ server, rotation, probed })),
      })),
    };
  }

  await startBaton();
  const shared = (weight: number) => ({ service: 'beside', weight });
  // On the port of the cases, which is never free again for anybody's task.
  const virtualservice = { services: [{ port: 80 }], fqdn: 'beside.test' };
  const labels = {
    avi_proxy: JSON.stringify({ virtualservice }),
    ab_config: JSON.stringify(shared(80)),
  };
  await stage.post(listenerApp('beside', { instances: 1, labels }));
  await stage.post(versionApp('beside-1', shared(20), { instances: 1 }));
  await stage.carried({ beside: 80, 'beside-1': 20 }, '/beside');
  const before = await beside();
  return {
    stage,
    startBaton,
    async expectUntouched() {
      expect(await beside(), 'the service beside it').toEqual(before);
    },
  };
}
