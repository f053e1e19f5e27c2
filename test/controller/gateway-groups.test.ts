/** Gateways whose selectors make their routes: weights stay with the groups that have them, as apps come and go. */
import { expect, test } from 'vitest';
import type { GatewayChange } from '../../src/controller/gateways.ts';
import { loadMemory } from '../../src/controller/memory.ts';
import { parseGateways } from '../../src/declared/vamp/gateway-parse.ts';
import { createNoStore } from '../../src/store/nothing.ts';
import { until } from '../support/wait.ts';
import { appOf, type Rig, startRig } from './rig.ts';

const yaml = 'name: shop\nport: 8080\nselector: "label(version)((.*)) and not id(hidden)"\n';

function put(routes = ''): GatewayChange {
  const parsed = parseGateways(`${yaml}${routes}`, { allowTemplates: false });
  if (!parsed.ok) throw new Error(parsed.flaws.map(({ problem }) => problem).join());
  return { put: parsed.gateways, remove: [], by: 'anna' };
}

function version(id: string, text: string) {
  return { ...appOf(`/${id}`, {}), labels: { version: text } };
}

function routesOf({ controller }: Pick<Rig, 'controller'>): Readonly<Record<string, number>> {
  const routes = controller.gateways().flatMap((gateway) => gateway.routes);
  return Object.fromEntries(routes.map(({ path, weight }) => [path, weight]));
}

async function routed(rig: Pick<Rig, 'controller'>, routes: Readonly<Record<string, number>>): Promise<void> {
  const isSo = () => JSON.stringify(routesOf(rig)) === JSON.stringify(routes);
  await until(`routes ${JSON.stringify(routes)}`, isSo, { detail: () => routesOf(rig) });
}

test('the first group gets all, later ones nothing until somebody says so; what goes leaves its weight to the others', async () => {
  const rig = startRig();
  const { controller, facts } = rig;
  const [a, b, c] = [version('a', '1.0'), version('b', '1.1'), version('c', '1.2')];
  rig.setApps([a]);
  const answer = await controller.changeGateways(put());
  expect(answer.outcome === 'done' && answer.gateways[0]?.routes).toMatchObject([
    { path: '(1.0)', weight: 100 },
  ]);
  await rig.carried({ '/a': 10_000 });

  rig.setApps([a, b, version('hidden', '3.0')]);
  await routed(rig, { '(1.0)': 100, '(1.1)': 0 });
  await until('the fact', () => facts.some(({ kind }) => kind === 'gateway-regrouped'));
  expect(facts.findLast(({ kind }) => kind === 'gateway-regrouped')).toMatchObject({
    service: '/gateway/shop',
    came: ['(1.1)'],
    gone: [],
  });
  await controller.changeGateways(put('routes: {(1.0): {weight: 70%}, (1.1): {weight: 30%}}'));
  await rig.carried({ '/a': 7000, '/b': 3000 });
  // The same file once more is no order to move.
  await controller.changeGateways(put());
  expect(routesOf(rig)).toEqual({ '(1.0)': 70, '(1.1)': 30 });

  // A version that is changed in place is another group, and gets what the one before it had.
  rig.setApps([{ ...a, labels: { version: '1.0.1' } }, b]);
  await routed(rig, { '(1.1)': 30, '(1.0.1)': 70 });
  rig.setApps([{ ...a, labels: { version: '1.0.1' } }, b, c]);
  await routed(rig, { '(1.1)': 30, '(1.0.1)': 70, '(1.2)': 0 });
  rig.setApps([b, c]);
  await routed(rig, { '(1.1)': 100, '(1.2)': 0 });
  await rig.carried({ '/b': 10_000 });
});

test('after a restart the groups weigh what they did', async () => {
  const rig = startRig();
  const apps = [version('a', '1.0'), version('b', '1.1')];
  rig.setApps(apps);
  await rig.controller.changeGateways(put('routes: {(1.0): {weight: 20%}, (1.1): {weight: 80%}}'));
  await rig.carried({ '/a': 2000, '/b': 8000 });
  const document = JSON.parse(JSON.stringify(rig.saved()));
  const problems: string[] = [];
  const keepAside = async (problem: string) => void problems.push(problem);
  const loaded = await loadMemory({ ...createNoStore(), load: async () => document, keepAside });
  const next = startRig(loaded, rig.driver);
  next.setApps(apps);
  await next.carried({ '/a': 2000, '/b': 8000 });
  expect([routesOf(next), problems]).toEqual([{ '(1.0)': 20, '(1.1)': 80 }, []]);
});

test('a route that the selector does not make is refused with those that it does', async () => {
  const rig = startRig();
  rig.setApps([version('a', '1.0')]);
  const answer = await rig.controller.changeGateways(
    put('routes: {(1.0): {weight: 90%}, (2.0): {weight: 10%}}'),
  );
  expect(answer).toMatchObject({
    problems: [
      {
        rule: 'route-unknown',
        problem: "The route (2.0) leads nowhere: the gateway's selector finds only (1.0).",
      },
    ],
  });
  rig.setApps([]);
  expect(await rig.controller.changeGateways(put())).toMatchObject({ outcome: 'done' });
  expect(routesOf(rig)).toEqual({});
});
