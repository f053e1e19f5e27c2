/** Deployments of blueprints: created once, joined at 0 %, taken away only without traffic; never changed or forced. */
import { expect, onTestFinished, test } from 'vitest';
import { createDeployments, type Deployments } from '../../src/controller/deployments.ts';
import type { Blueprint } from '../../src/declared/vamp/blueprint.ts';
import { parseBlueprint } from '../../src/declared/vamp/blueprint-parse.ts';
import { wireApp } from '../../src/marathon/schema.ts';
import { toApp } from '../../src/marathon/to-model.ts';
import type { AppToCreate } from '../../src/marathon/writer.ts';
import type { App } from '../../src/model/app.ts';
import { millis } from '../../src/model/ids.ts';
import { until } from '../support/wait.ts';
import { appOf, type Rig, startRig } from './rig.ts';

const atOnce = { ramp: null, immediate: false };
const how = { by: 'anna', validateOnly: false };
const name = 'shop/web/http';

interface Stand extends Rig {
  readonly deployments: Deployments;
  /** What Marathon was asked for. */
  readonly asked: readonly string[];
  apps(): readonly string[];
}

/** A Marathon that does at once what it is asked for, each app with healthy tasks. */
function stand(fail: (what: string) => void = () => {}): Stand {
  const rig = startRig();
  const apps = new Map<string, App>();
  const asked: string[] = [];
  const changed = () => rig.setApps([...apps.values()]);
  const ask = (what: string) => {
    asked.push(what);
    fail(what);
  };
  rig.setApps([]);
  const deployments = createDeployments({
    writer: {
      async create(definition: AppToCreate) {
        ask(`create ${definition.id}`);
        const app = healthy(definition);
        apps.set(definition.id, app);
        changed();
        return { app: app.id, deployment: null };
      },
      async scale(app, instances) {
        ask(`scale ${app} ${instances}`);
        const known = apps.get(app);
        if (known) apps.set(app, { ...known, instances, tasks: known.tasks.slice(0, instances) });
        changed();
        return { app, deployment: null };
      },
      async delete(app) {
        ask(`delete ${app}`);
        apps.delete(app);
        changed();
        return { app, deployment: null };
      },
      ended: async () => {},
    },
    cluster: () => ({ apps: new Map([...apps.values()].map((app) => [app.id, app])) }),
    controller: rig.controller,
    publish: () => {},
  });
  onTestFinished(() => deployments.close());
  return { ...rig, deployments, asked, apps: () => [...apps.keys()] };
}

function healthy(definition: AppToCreate): App {
  const version = '2026-01-01T00:00:00.000Z';
  const versionInfo = { lastScalingAt: version, lastConfigChangeAt: version };
  const wire = wireApp.parse({ ...definition, version, versionInfo });
  const app = toApp(wire, { checksOf: () => null, previous: null, now: millis(0) });
  const { tasks, healthChecks } = appOf(definition.id, {}, app.instances);
  return { ...app, tasks, healthChecks };
}

function blueprint(services: readonly string[], weights: Readonly<Record<string, number>> = {}): Blueprint {
  const routes = Object.fromEntries(
    Object.entries(weights).map(([breed, weight]) => [breed, { weight: `${weight}%` }]),
  );
  const text = JSON.stringify({
    name: 'shop',
    gateways: { 9050: 'web/http' },
    clusters: {
      web: {
        gateways: { routes },
        services: services.map((breed) => ({
          breed: { name: breed, deployable: `acme/${breed}`, ports: { http: '8080/http' } },
        })),
      },
    },
  });
  const parsed = parseBlueprint(text, { allowTemplates: false });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.flaws));
  return parsed.blueprint;
}

const routesOf = ({ controller }: Rig) =>
  controller
    .gateways()
    .find((each) => each.name === name)
    ?.routes.map(({ path, weight }) => [path, weight]);

test('apps are created once; the same again changes nothing', async () => {
  const it = stand();
  const first = await it.deployments.deploy(blueprint(['web:1']), atOnce, how);
  expect(first).toEqual({ outcome: 'done', apps: ['/shop/web/web-1'], scaled: [], gateways: [name] });
  const again = await it.deployments.deploy(blueprint(['web:1']), atOnce, how);
  expect(again).toMatchObject({ outcome: 'done', apps: [], scaled: [] });
  expect(it.asked).toEqual(['create /shop/web/web-1']);
  expect([...it.deployments.all()].map(([each, apps]) => [each, apps.length])).toEqual([['shop', 1]]);
});

test('who only asks changes nothing', async () => {
  const it = stand();
  const answer = await it.deployments.deploy(blueprint(['web:1']), atOnce, { ...how, validateOnly: true });
  expect(answer).toMatchObject({ outcome: 'done', apps: ['/shop/web/web-1'] });
  expect([it.asked, it.controller.gateways()]).toEqual([[], []]);
});

test('an app that is there and is another is refused, and nothing is begun', async () => {
  const it = stand();
  await it.deployments.deploy(blueprint(['web:1']), atOnce, how);
  const other = blueprint(['web:1', 'web:2']);
  const [cluster] = other.clusters;
  const changed = cluster?.services.map((each) => ({ ...each, environment: { A: '1' } })) ?? [];
  const bad = { ...other, clusters: [{ name: 'web', shares: [], services: changed }] };
  const answer = await it.deployments.deploy(bad, atOnce, how);
  expect(answer).toMatchObject({ outcome: 'refused', problems: [{ rule: 'app-differs' }] });
  expect(it.asked).toEqual(['create /shop/web/web-1']);
});

test('other instances of the same app are scaled to', async () => {
  const it = stand();
  await it.deployments.deploy(blueprint(['web:1']), atOnce, how);
  const same = blueprint(['web:1']);
  const services = same.clusters[0]?.services.map((each) => ({
    ...each,
    scale: { ...each.scale, instances: 3 },
  }));
  const more = { ...same, clusters: [{ name: 'web', shares: [], services: services ?? [] }] };
  const answer = await it.deployments.deploy(more, atOnce, how);
  expect(answer).toMatchObject({ scaled: ['/shop/web/web-1'] });
  expect(it.asked).toEqual(['create /shop/web/web-1', 'scale /shop/web/web-1 3']);
});

test('a version joins at 0 %, gets its weight, and the old one leaves at 0 %', async () => {
  const it = stand();
  await it.deployments.deploy(blueprint(['web:1']), atOnce, how);
  await it.deployments.deploy(blueprint(['web:2']), atOnce, how);
  const [one, two] = ['shop/web/web:1/http', 'shop/web/web:2/http'];
  expect(routesOf(it)).toEqual([
    [one, 100],
    [two, 0],
  ]);
  const early = await it.deployments.remove('shop', blueprint(['web:1']), how);
  expect(early).toMatchObject({ outcome: 'refused', problems: [{ rule: 'weight' }] });
  await it.deployments.deploy(blueprint(['web:1', 'web:2'], { 'web:1': 0, 'web:2': 100 }), atOnce, how);
  await it.carried({ '/shop/web/web-2': 10_000 });
  const left = await it.deployments.remove('shop', blueprint(['web:1']), how);
  expect(left).toMatchObject({ outcome: 'done', apps: ['/shop/web/web-1'] });
  expect(routesOf(it)).toEqual([[two, 100]]);
  await until('the app to be gone', () => it.apps().length === 1);
  expect(it.asked.slice(2)).toEqual(['scale /shop/web/web-1 0', 'delete /shop/web/web-1']);
});

test('all of it: the gateways first, then the apps; what is gone is gone', async () => {
  const it = stand();
  await it.deployments.deploy(blueprint(['web:1', 'web:2']), atOnce, how);
  await until('traffic', () => Object.keys(it.weights()).length > 0);
  const answer = await it.deployments.remove('shop', null, how);
  expect(answer).toMatchObject({ outcome: 'done', gateways: [name] });
  await until('the apps to be gone', () => it.apps().length === 0);
  expect(it.controller.gateways()).toEqual([]);
  const again = await it.deployments.remove('shop', null, how);
  expect(again).toEqual({ outcome: 'done', apps: [], scaled: [], gateways: [] });
});

test('apps that another gateway leads to stay', async () => {
  const it = stand();
  await it.deployments.deploy(blueprint(['web:1']), atOnce, how);
  const [own] = it.controller.gateways();
  if (own === undefined) throw new Error('no gateway');
  const other = { ...own, name: 'other', port: 9051 };
  await it.controller.changeGateways({ put: [other], remove: [], by: 'anna' });
  await until('its traffic', () => it.controller.state().services.length === 2);
  await until('both', () =>
    it.controller.state().services.every(({ pools }) => pools.some((p) => p.weight > 0)),
  );
  const answer = await it.deployments.remove('shop', null, how);
  expect(answer).toMatchObject({ outcome: 'refused', problems: [{ rule: 'in-use' }] });
  expect(it.apps()).toHaveLength(1);
});

test('what Marathon does not do is told, and no gateway leads there', async () => {
  const it = stand(() => {
    throw new Error('/shop/web/web-1 was not created: Marathon is away');
  });
  const answer = await it.deployments.deploy(blueprint(['web:1']), atOnce, how);
  expect(answer).toEqual({
    outcome: 'failed',
    problem: '/shop/web/web-1 was not created: Marathon is away',
  });
  expect(it.controller.gateways()).toEqual([]);
});

test('no task is killed before the data plane leads nobody there any more', async () => {
  const it = stand();
  await it.deployments.deploy(blueprint(['web:1']), atOnce, how);
  await until('traffic', () => Object.keys(it.weights()).length > 0);
  it.fail('apply', new Error('HAProxy is away'));
  await it.deployments.remove('shop', null, how);
  await until('turns that fail', () => it.facts.filter(({ kind }) => kind === 'reconcile-failed').length > 1);
  expect(it.asked).toEqual(['create /shop/web/web-1']);
  expect([...it.deployments.removing()]).toEqual(['/shop/web/web-1']);
  it.fail('apply', null);
  await until('the app to be gone', () => it.apps().length === 0);
});
