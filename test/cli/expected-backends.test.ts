/** What Baton would have where marathon-lb has backends, from labels to servers. */
import { expect, it } from 'vitest';
import { createRehearsal } from '../../src/cli/planning/rehearsal.ts';
import { backendNames } from '../../src/declared/serving/backend-names.ts';
import { type DeclareOptions, plainOptions } from '../../src/declared/types.ts';
import type { App } from '../../src/model/app.ts';
import { expectedBackends } from '../../src/plan/shadow/expected.ts';
import { appOf } from '../controller/rig.ts';

const options = { ...plainOptions, groups: new Set(['external']) };
const labels = { HAPROXY_GROUP: 'external', HAPROXY_0_VHOST: 'shop.example.com' };

/** By backend the ports of its servers, those that get no requests in brackets. */
async function backends(apps: readonly App[], more: Partial<DeclareOptions> = {}) {
  const signal = AbortSignal.timeout(10_000);
  const cluster = { apps: new Map(apps.map((app) => [app.id, app])) };
  const all = { ...options, ...more };
  const { verdicts } = await (await createRehearsal(all, signal)).play(cluster, signal);
  const found = expectedBackends(verdicts, backendNames(cluster.apps, all));
  const portsOf = [...found].map(([name, { servers }]) => [
    name,
    servers.map(({ port, carries }) => (carries ? String(port) : `(${port})`)).sort(),
  ]);
  return Object.fromEntries(portsOf) as Readonly<Record<string, readonly string[]>>;
}

/** On ports of its own. */
function moved(app: App, servicePort: number, firstPort: number): App {
  return {
    ...app,
    ports: app.ports.map((port) => ({ ...port, servicePort })),
    tasks: app.tasks.map((task, index) => ({ ...task, ports: [firstPort + index] })),
  };
}

it('an app in the group is a backend with its tasks', async () => {
  const others = appOf('hidden', { HAPROXY_GROUP: 'internal' });
  expect(await backends([appOf('shop', labels), others])).toEqual({ shop_10000: ['31000', '31001'] });
});

it('who is not healthy is there, and gets nothing', async () => {
  const app = appOf('shop', labels);
  const tasks = app.tasks.map((task, index) => ({ ...task, health: index === 0 ? 'down' : 'up' }) as const);
  expect(await backends([{ ...app, tasks }])).toEqual({ shop_10000: ['(31000)', '31001'] });
});

it('two apps on one host keep a backend each', async () => {
  const canary = moved(appOf('canary', labels, 1), 10_001, 32_000);
  expect(await backends([appOf('shop', labels), canary])).toEqual({
    canary_10001: ['32000'],
    shop_10000: ['31000', '31001'],
  });
});

it('blue and green are one backend, and blue gets nothing when green has reached its target', async () => {
  const colour = (name: string, startedAt: string) => ({
    ...labels,
    HAPROXY_DEPLOYMENT_GROUP: 'shop',
    HAPROXY_DEPLOYMENT_COLOUR: name,
    HAPROXY_DEPLOYMENT_STARTED_AT: startedAt,
    HAPROXY_DEPLOYMENT_TARGET_INSTANCES: '2',
    HAPROXY_0_PORT: '10000',
  });
  const blue = appOf('shop-blue', colour('blue', '2024-01-01T00:00:00'));
  const green = (tasks: number) =>
    moved(appOf('shop-green', colour('green', '2024-01-02T00:00:00'), tasks), 10_001, 32_000);
  expect(await backends([blue, green(1)])).toEqual({ shop_10000: ['31000', '31001', '32000'] });
  expect(await backends([blue, green(2)])).toEqual({
    shop_10000: ['(31000)', '(31001)', '32000', '32001'],
  });
});

it('what is bound nowhere is served to nobody', async () => {
  const narrow = { bindHttpHttps: false, portRange: { first: 1, last: 100 } };
  expect(await backends([appOf('shop', labels)], narrow)).toEqual({});
});
