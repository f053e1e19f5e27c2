/** A pod that crashes, grows and goes beside an app under load: the app loses no request, and Baton has nothing to say of it. */
import { expect, it } from 'vitest';
import { until } from '../support/wait.ts';
import { answered, expectNoFailure, setStage } from './stage.ts';

const pod = {
  id: '/shop/pod',
  containers: [
    { name: 'web', resources: { cpus: 0.1, mem: 32 }, endpoints: [{ name: 'http', hostPort: 0 }] },
    { name: 'side', resources: { cpus: 0.1, mem: 32 } },
  ],
  labels: { 'FE-Proxy': 'yes', ab_config: '{"service": "app1", "priority": 99}' },
  scheduling: { backoff: { backoff: 0 } },
};

it('a pod that flaps beside an app', async () => {
  const stage = await setStage();
  const baton = await stage.startBaton();
  await stage.post({
    id: '/app1',
    cmd: 'serve',
    instances: 2,
    labels: { 'FE-Proxy': 'yes', avi_proxy: '{"virtualservice": {"services": [{"port": 80}]}}' },
  });
  await stage.carried({ app1: 100 });
  const load = stage.load();
  await answered(load, 200);

  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(`${stage.simulator.url}/v2/pods${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
  const stable = () =>
    until('the pod to be stable', async () => {
      const status = (await ask('GET', '/shop/pod::status')) as { status: string };
      return status.status === 'STABLE';
    });
  const told = baton.log.length;
  await ask('POST', '', pod);
  await stable();
  const events = () => baton.metric('baton_marathon_events_total');
  for (let round = 0; round < 3; round += 1) {
    const before = await events();
    stage.simulator.crashApp('/shop/pod');
    await stable();
    await until('Baton to hear of it', async () => (await events()) > before);
  }
  await ask('PUT', '/shop/pod?force=true', { ...pod, scaling: { kind: 'fixed', instances: 3 } });
  await stable();
  await ask('DELETE', '/shop/pod?force=true');
  await until('the end of the pod', async () => ((await ask('GET', '')) as unknown[]).length === 0);
  await answered(load, 200);

  expect((await baton.services()).map(({ service }) => service)).toEqual(['/app1']);
  expect((await baton.service('/app1')).pools.map(({ app }) => app)).toEqual(['/app1']);
  expect(await baton.diagnostics()).toEqual([]);
  expect(baton.log.slice(told).filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  expect(JSON.stringify(baton.log)).not.toContain('/shop/pod');
  await expectNoFailure(load);
});
