/** Clients that stay on their version: until the drain is over when it is replaced, not a moment when it is sent back. */
import http from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { listenerApp, versionApp } from '../support/apps.ts';
import { request } from '../support/load.ts';
import { until } from '../support/wait.ts';
import { answered, expectNoFailure, keptOpen, setStage, type Stage } from './stage.ts';

async function order(stage: Stage, verb: string): Promise<number> {
  const answer = await fetch(`${stage.baton().url}/v1/services/app1/${verb}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  return answer.status;
}

interface Client {
  /** Which version answers, over the connection that is kept. */
  ask(): Promise<string>;
}

/** Keeps its connection and its cookies. */
function client(port: number): Client {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  let cookie: string | null = null;
  return {
    async ask() {
      const { headers, body } = await request(port, {
        agent,
        ...(cookie === null ? {} : { headers: { cookie } }),
      });
      const set = headers['set-cookie']?.[0];
      if (set !== undefined) cookie = set.split(';')[0] ?? null;
      return (JSON.parse(body) as { app: string }).app;
    },
  };
}

async function clients(stage: Stage, count: number): Promise<readonly (readonly [Client, string])[]> {
  const found: (readonly [Client, string])[] = [];
  for (let n = 0; n < count; n += 1) {
    const one = client(stage.port);
    found.push([one, await one.ask()]);
  }
  return found;
}

const half = { service: 'app1', priority: 10, affinity: 'cookie', steps: [{ weight: 50, pause: true }] };

it('a promotion leaves them where they are until the drain is over; new ones go to the new version', async () => {
  const stage = await setStage({ flags: keptOpen });
  await stage.startBaton();
  const own = { service: 'app1', affinity: 'cookie', drain: { timeout: '10s' } };
  await stage.post(listenerApp('app1', { labels: { ab_config: JSON.stringify(own) } }));
  await stage.carried({ app1: 100 });
  await stage.post(versionApp('app1-100', half));
  await stage.carried({ app1: 50, 'app1-100': 50 });
  const known = await clients(stage, 10);
  expect(new Set(known.map(([, app]) => app)).size).toBe(2);
  for (const [one, app] of known) for (let n = 0; n < 5; n += 1) expect(await one.ask()).toBe(app);

  expect(await order(stage, 'promote')).toBe(200);
  await stage.carried({ 'app1-100': 100 });
  for (const [one, app] of known) expect(await one.ask()).toBe(app);
  for (const [, app] of await clients(stage, 4)) expect(app).toBe('/app1-100');
  await until('the drain to be over', async () => {
    const { pools } = await stage.baton().service('/app1');
    return pools.find(({ app }) => app === '/app1')?.state === 'standby';
  });
  for (const [one] of known) expect(await one.ask()).toBe('/app1-100');
});

it('twenty aborts under load: every client is moved at once, over kept connections too, and no GET fails', async () => {
  const stage = await setStage({ flags: keptOpen });
  const baton = await stage.startBaton();
  await stage.post(listenerApp('app1'));
  await stage.carried({ app1: 100 });
  await stage.post(versionApp('app1-100', half));
  await stage.carried({ app1: 50, 'app1-100': 50 });
  const reloads = await baton.metric('baton_dataplane_reloads_total');
  const load = stage.load();
  for (let n = 0; n < 20; n += 1) {
    const known = [...(await clients(stage, 12))];
    // The load takes steps of the same walk, so that it is chance who has which.
    while (!known.some(([, app]) => app === '/app1-100')) known.push(...(await clients(stage, 1)));
    expect(await order(stage, 'abort')).toBe(200);
    await stage.carried({ app1: 100 });
    for (const [one] of known) expect(await one.ask()).toBe('/app1');
    await answered(load, 20);
    expect(await order(stage, 'retry')).toBe(200);
    await stage.carried({ app1: 50, 'app1-100': 50 });
  }
  expect(await baton.metric('baton_dataplane_reloads_total')).toBe(reloads);
  await expectNoFailure(load);
});

it("a tester's header reaches the new version at weight 0 once it is ready, everybody else's does not", async () => {
  const stage = await setStage({ flags: keptOpen });
  await stage.startBaton();
  await stage.post(listenerApp('app1'));
  await stage.carried({ app1: 100 });
  const abConfig = {
    service: 'app1',
    priority: 10,
    match: { header: ['X-Version', '1.1'] },
    steps: [{ weight: 0, pause: true }],
  };
  await stage.post(versionApp('app1-100', abConfig, { env: { SIM_UNHEALTHY: 'true' } }));
  const asked = async (headers: Readonly<Record<string, string>>) =>
    (JSON.parse((await request(stage.port, { headers })).body) as { app: string }).app;
  const isPool = async (state: string) => {
    const { pools } = await stage.baton().service('/app1');
    return pools.find(({ app }) => app === '/app1-100')?.state === state;
  };
  await until('the new version to be waited for', () => isPool('waiting'));
  // What the header costs is paid when the app is first seen, not when its traffic moves.
  const reloads = await stage.baton().metric('baton_dataplane_reloads_total');
  expect(await asked({ 'x-version': '1.1' })).toBe('/app1');
  stage.simulator.behaveApp('/app1-100', { unhealthy: false });
  await until('the first step', async () => (await stage.baton().service('/app1')).transition !== null);
  await until('the tester to reach it', async () => (await asked({ 'x-version': '1.1' })) === '/app1-100');
  for (let n = 0; n < 20; n += 1) {
    expect(await asked({})).toBe('/app1');
    expect(await asked({ 'x-version': '1.10' })).toBe('/app1');
    expect(await asked({ 'x-version': '1.1' })).toBe('/app1-100');
  }
  await stage.carried({ app1: 100 });
  expect(await stage.baton().metric('baton_dataplane_reloads_total')).toBe(reloads);
});
