/** Gateways that people apply and delete: kept over restarts, refused with words, all at once or not at all. */
import { expect, test } from 'vitest';
import { loadMemory } from '../../src/controller/memory.ts';
import { createNoStore } from '../../src/store/nothing.ts';
import type { GatewayChange } from '../../src/controller/gateways.ts';
import type { Gateway, GatewayRoute } from '../../src/declared/vamp/gateway.ts';
import { appId } from '../../src/model/ids.ts';
import { appOf, type Rig, startRig } from './rig.ts';

function route(path: string, target: GatewayRoute['target'], weight = 100): GatewayRoute {
  return { path, target, weight, condition: null, conditionStrength: 0, balance: null, rewrites: [] };
}

function toApp(id: string, weight = 100): GatewayRoute {
  return route(id, { kind: 'app', app: appId(id), port: null }, weight);
}

function gateway(name: string, port: number, routes: readonly GatewayRoute[] = [toApp('old')]): Gateway {
  return {
    name,
    port,
    mode: 'http',
    sticky: null,
    virtualHosts: [],
    routes,
    ramp: null,
    immediate: false,
  };
}

function rig(): Rig {
  const started = startRig();
  started.setApps([appOf('/old', {}), appOf('/new', {})]);
  return started;
}

function put(...gateways: readonly Gateway[]): GatewayChange {
  return { put: gateways, remove: [], by: 'anna' };
}

function problemsOf(answer: Awaited<ReturnType<Rig['controller']['changeGateways']>>): readonly string[] {
  return answer.outcome === 'refused' ? answer.problems.map(({ problem }) => problem) : [];
}

test('what is kept is saved when it is answered, and there again after a restart', async () => {
  const { controller, saved, facts } = rig();
  const condition = { kind: 'not', operand: { kind: 'user-agent', value: 'Chrome' } } as const;
  const selected = {
    ...toApp('old', 0),
    path: 'found',
    target: { kind: 'selector', selector: 'id(new)' },
  } as const;
  const routes = [{ ...toApp('old'), condition, conditionStrength: 50 }, toApp('new', 0), selected];
  const kept: Gateway = {
    ...gateway('web', 8080, routes),
    ramp: { stepPercent: 5, holdMs: 60_000 },
    virtualHosts: ['a.example.com'],
  };
  expect(await controller.changeGateways(put(kept))).toEqual({
    outcome: 'done',
    gateways: controller.gateways(),
    created: ['web'],
    removed: [],
  });
  expect(controller.gateways()).toMatchObject([kept]);
  const document = JSON.parse(JSON.stringify(saved()));
  const loaded = await loadMemory({ ...createNoStore(), load: async () => document });
  expect(loaded.gateways).toEqual(controller.gateways());
  expect(facts).toContainEqual({
    kind: 'gateway-changed',
    service: '/gateway/web',
    by: 'anna',
    outcome: 'created',
    gateway: controller.gateways()[0],
    problems: [],
  });
});

test('a namesake takes the place of the one before; what is gone cannot be removed twice', async () => {
  const { controller } = rig();
  await controller.changeGateways(put(gateway('web', 8080), gateway('api', 8081)));
  const answer = await controller.changeGateways(put(gateway('web', 8082)));
  expect(answer).toMatchObject({ outcome: 'done', created: [], removed: [] });
  expect(controller.gateways().map(({ name, port }) => [name, port])).toEqual([
    ['api', 8081],
    ['web', 8082],
  ]);
  const remove: GatewayChange = { put: [], remove: ['web'], by: 'anna' };
  expect(await controller.changeGateways(remove)).toMatchObject({ removed: ['web'] });
  expect(await controller.changeGateways(remove)).toMatchObject({ removed: [] });
});

test('one that only asks changes nothing', async () => {
  const { controller, facts } = rig();
  const answer = await controller.changeGateways({ ...put(gateway('web', 8080)), validateOnly: true });
  expect(answer).toMatchObject({ outcome: 'done', created: ['web'] });
  expect(controller.gateways()).toEqual([]);
  expect(facts.some(({ kind }) => kind === 'gateway-changed')).toBe(false);
});

test.each<[string, readonly Gateway[], readonly string[]]>([
  [
    'a port that another gateway has',
    [gateway('api', 8080)],
    ['Gateway port 8080 is in use by the gateway web.'],
  ],
  [
    'a route to an app that Marathon does not have',
    [gateway('api', 8081, [toApp('nobody')])],
    ['The route nobody leads nowhere: there is no app /nobody.'],
  ],
  [
    'a route to a gateway that is not there',
    [gateway('api', 8081, [route('wep', { kind: 'gateway', name: 'wep' })])],
    ['The route wep leads nowhere: there is no gateway wep.'],
  ],
  [
    'a circle',
    [
      gateway('a', 8081, [route('b', { kind: 'gateway', name: 'b' })]),
      gateway('b', 8082, [route('a', { kind: 'gateway', name: 'a' })]),
    ],
    ['The route b leads back to the gateway.', 'The route a leads back to the gateway.'],
  ],
])('%s is refused, and what ran goes on', async (_, gateways, problems) => {
  const { controller } = rig();
  await controller.changeGateways(put(gateway('web', 8080)));
  const good = gateway('good', 9000);
  expect(problemsOf(await controller.changeGateways(put(good, ...gateways)))).toEqual(problems);
  expect(controller.gateways().map(({ name }) => name)).toEqual(['web']);
});

test('apps that are on their way may be led to; a gateway that others lead to stays', async () => {
  const { controller } = rig();
  const coming = gateway('web', 8080, [toApp('coming')]);
  const awaited = new Set([appId('coming')]);
  expect(await controller.changeGateways({ ...put(coming), awaited })).toMatchObject({ outcome: 'done' });
  const chained = gateway('front', 8081, [route('web', { kind: 'gateway', name: 'web' })]);
  await controller.changeGateways(put(chained));
  const answer = await controller.changeGateways({ put: [], remove: ['web'], by: 'anna' });
  expect(problemsOf(answer)).toEqual(['The gateway front has a route to web.']);
  const both = await controller.changeGateways({ put: [], remove: ['web', 'front'], by: 'anna' });
  expect(both).toMatchObject({ outcome: 'done', removed: ['web', 'front'] });
});

test('before Marathon has been read nobody can say where routes lead', async () => {
  const { controller } = startRig();
  expect(problemsOf(await controller.changeGateways(put(gateway('web', 8080))))).toEqual([
    'Marathon has not been read yet, so nobody knows where routes lead',
  ]);
});

test('a damaged gateway is reported and left out, and the others stay', async () => {
  const problems: string[] = [];
  const rewrites = [{ path: '/b', condition: 'path /a }\n  http-request deny if { always_true' }];
  const rewriting = gateway('api', 8081, [{ ...toApp('old'), rewrites }]);
  const parts = {
    apps: [],
    plan: { services: [] },
    gateways: [gateway('web', 8080), { name: 'x' }, rewriting],
  };
  const load = async () => ({ version: 1 as const, parts });
  const keepAside = async (problem: string) => {
    problems.push(problem);
  };
  const loaded = await loadMemory({ ...createNoStore(), load, keepAside });
  expect(loaded.gateways.map(({ name }) => name)).toEqual(['web']);
  expect(problems).toHaveLength(1);
  expect(problems[0]?.match(/a gateway was left out/g)).toHaveLength(2);
});

test('routes of weight 0 in total: whoever is up serves as the last resort, and is told of', async () => {
  const stage = rig();
  const { controller } = stage;
  const condition = { kind: 'has-cookie', name: 'beta' } as const;
  const led = { ...toApp('new', 0), condition, conditionStrength: 100 };
  const weightless = gateway('web', 8080, [toApp('old', 0), led]);
  expect(await controller.changeGateways(put(weightless))).toMatchObject({ outcome: 'done' });
  await stage.carried({ '/new': 5000, '/old': 5000 });
  expect(controller.state().diagnostics.map(({ code }) => code)).toEqual(['gateway-weightless']);
  const [service] = controller.state().services;
  expect(service?.phase).toBe('last-resort');
  const slot = service?.pools.find(({ app }) => app === '/new')?.slot;
  expect(service?.conditions).toEqual([{ slot, condition, strength: 100 }]);
  await controller.changeGateways(put({ ...weightless, routes: [toApp('old', 0), toApp('new', 100)] }));
  await stage.carried({ '/new': 10_000 });
  expect(stage.weights()).toEqual({ '/new': 10_000 });
  expect(controller.state().diagnostics).toEqual([]);
});

test('a weight waits until its app is ready in full; immediate, until one endpoint is up', async () => {
  const stage = rig();
  const { controller } = stage;
  const young = appOf('/new', {});
  const tasks = young.tasks.map((task, index) => (index === 0 ? task : { ...task, health: 'down' as const }));
  stage.setApps([appOf('/old', {}), { ...young, tasks }]);
  const half = gateway('web', 8080, [toApp('old', 50), toApp('new', 50)]);
  await controller.changeGateways(put(half));
  await stage.carried({ '/old': 10_000 });
  await controller.changeGateways(put({ ...half, immediate: true }));
  await stage.carried({ '/new': 5000, '/old': 5000 });
  // Nobody is led where nobody is up, whoever knows better.
  const all = gateway('none', 8081, [toApp('old', 50), toApp('new', 50)]);
  stage.setApps([
    appOf('/old', {}),
    { ...young, tasks: tasks.map((task) => ({ ...task, health: 'down' as const })) },
  ]);
  await controller.changeGateways({ put: [{ ...all, immediate: true }], remove: ['web'], by: 'anna' });
  await stage.carried({ '/old': 10_000 });
  expect(controller.state().services.map(({ service }) => service)).toEqual(['/gateway/none']);
});
