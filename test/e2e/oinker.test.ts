/** Oinker's blue/green tutorial, all of its thirteen steps by one label: the old app has no labels at all. */
import { expect, it } from 'vitest';
import { until } from '../support/wait.ts';
import { answered, expectNoFailure, setStage } from './stage.ts';

/** As the tutorial has it. A task that is killed with a request in progress has no time to finish it. */
function oinker(id: string, labels: Readonly<Record<string, string>> = {}): Record<string, unknown> {
  return {
    id,
    instances: 3,
    container: {
      type: 'DOCKER',
      docker: {
        image: 'mesosphere/oinker:shakespeare',
        network: 'BRIDGE',
        portMappings: [{ containerPort: 3000, hostPort: 0, protocol: 'tcp' }],
      },
    },
    healthChecks: [
      {
        protocol: 'TCP',
        gracePeriodSeconds: 600,
        intervalSeconds: 30,
        portIndex: 0,
        timeoutSeconds: 10,
        maxConsecutiveFailures: 2,
      },
    ],
    cmd: 'until rake cassandra:setup; do sleep 5; done && rails server',
    cpus: 0.25,
    mem: 256,
    taskKillGracePeriodSeconds: 0,
    labels,
  };
}

it('3 + 3 instances, requests of seconds in flight: nobody is killed with one, the old app is gone', async () => {
  const stage = await setStage();
  await stage.startBaton();
  await stage.post(oinker('/oinker'));
  const declaration = {
    service: '/oinker',
    listener: { port: 80 },
    priority: 10,
    strategy: 'rolling',
    retire: 'delete',
    retireAfter: '0s',
  };
  await stage.post({
    ...oinker('/green-oinker', { ab_config: JSON.stringify(declaration) }),
    env: { SIM_UNHEALTHY: 'true', SIM_START_DELAY_MS: '2000' },
    healthChecks: [
      { protocol: 'HTTP', path: '/', portIndex: 0, intervalSeconds: 30, gracePeriodSeconds: 600 },
    ],
  });
  await stage.carried({ oinker: 100 }, '/oinker');
  stage.simulator.behaveApp('/oinker', { latencyMs: 1500 });
  const load = stage.load();
  await answered(load, 20);

  stage.simulator.behaveApp('/green-oinker', { unhealthy: false });
  let fewest = Number.POSITIVE_INFINITY;
  const shares = new Set<number>();
  await until(
    'the old app to be gone',
    async () => {
      const { pools } = await stage.baton().service('/oinker');
      const serving = pools.flatMap(({ endpoints }) =>
        endpoints.filter(({ rotation, probed }) => rotation === 'in' && probed === 'passed'),
      );
      fewest = Math.min(fewest, serving.length);
      for (const pool of pools) if (pool.app === '/green-oinker') shares.add(pool.weight);
      return !pools.some(({ app }) => app === '/oinker');
    },
    { deadlineMs: 90_000 },
  );
  expect(fewest).toBe(3);
  // A third at a time.
  expect([...shares].toSorted((a, b) => a - b)).toEqual([0, 33.33, 66.67, 100]);
  const { pools, phase } = await stage.baton().service('/oinker');
  expect(pools.map(({ app, weight, endpoints }) => [app, weight, endpoints.length])).toEqual([
    ['/green-oinker', 100, 3],
  ]);
  expect(phase).toBe('settled');
  await expectNoFailure(load);
});
