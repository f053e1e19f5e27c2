/** Each change does what it says on each version of Marathon, and restarts nothing. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { taskId } from '../../src/model/ids.ts';
import { marathonVersions } from '../../src/simulator/dialect.ts';
import { until } from '../support/wait.ts';
import { httpCheck } from '../simulator/support.ts';
import { failureOf, inTime, startWriting, type Writing } from './support/writing.ts';

const dryRun = 'PUT /v2/groups/{id}?dryRun=true ok';

const docker = (network: string, more: object = {}) => ({
  container: { type: 'DOCKER', docker: { image: 'shop/web', network, ...more } },
});
const mapped = { portMappings: [{ containerPort: 8080, hostPort: 0, servicePort: 10_100 }] };

/** Apps as people write them, in forms that all versions take. */
const shapes: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ['a command', {}],
  ['ports in the old form', { ports: [10_050, 10_051], uris: ['http://files/web.tar'] }],
  ['Docker on a bridge, with a check', { ...docker('BRIDGE', mapped), healthChecks: [httpCheck] }],
  ['Docker on the host', docker('HOST')],
  ['an address per task', { ...docker('USER', mapped), ipAddress: { networkName: 'dcos' } }],
  [
    'readiness checks',
    {
      portDefinitions: [{ port: 10_060, name: 'default' }],
      readinessChecks: [{ name: 'ready', intervalSeconds: 2, timeoutSeconds: 1, portName: 'default' }],
    },
  ],
  ['limits of resources', { resourceLimits: { cpus: 1, mem: 64 }, executorResources: { cpus: 0.1, mem: 8 } }],
  [
    'much of everything',
    {
      labels: { a: 'b', none: '' },
      env: { RELEASE: '1' },
      constraints: [['hostname', 'UNIQUE']],
      acceptedResourceRoles: ['*'],
      upgradeStrategy: { minimumHealthCapacity: 0.5, maximumOverCapacity: 0.2 },
      killSelection: 'OLDEST_FIRST',
      taskKillGracePeriodSeconds: 2,
      fetch: [{ uri: 'http://files/web.tar' }],
    },
  ],
];

describe.each(marathonVersions)('Marathon %s', (marathonVersion) => {
  let w: Writing;
  beforeEach(async () => {
    w = await startWriting({ marathonVersion });
  });
  afterEach(() => w.stop());

  /** What all deployments since the last look were planned to do. */
  const actions = () =>
    new Set(
      w.it
        .fresh()
        .filter(({ eventType }) => eventType === 'deployment_info')
        .flatMap(({ plan }) => (plan as { steps: { actions: { action: string; app: string }[] }[] }).steps)
        .flatMap((step) => step.actions.map(({ action, app }) => `${action} ${app}`)),
    );

  test.each(shapes)('scales up and down without a restart: %s', async (_, fields) => {
    const app = await w.deploy('/shop/web', { ...fields, instances: 3 });
    const neighbour = await w.deploy('/shop/api', { ...fields, ports: undefined, instances: 1 });
    const before = await w.it.app(app);
    const [tasks, others] = [await w.tasks(app), await w.tasks(neighbour)];

    const up = await w.done(w.writer.scale(app, 5, inTime()));
    expect(up.deployment).toMatch(/^[\da-f-]{36}$/);
    expect(await w.tasks(app)).toHaveLength(5);
    expect(await w.tasks(app)).toEqual(expect.arrayContaining([...tasks]));

    await w.done(w.writer.scale(app, 2, inTime()));
    const after = await w.it.app(app);
    expect(await w.tasks(app)).toHaveLength(2);
    expect(after.versionInfo.lastConfigChangeAt).toBe(before.versionInfo.lastConfigChangeAt);
    expect(after['resourceLimits']).toEqual(before['resourceLimits']);
    expect(after['executorResources']).toEqual(before['executorResources']);
    expect(await w.tasks(neighbour)).toEqual(others);
    expect(actions()).toEqual(new Set(['ScaleApplication /shop/web']));
    expect(w.asked.filter((each) => each === dryRun)).toHaveLength(1);
  });

  test('a count that is so already is left alone', async () => {
    const app = await w.deploy('/web', { instances: 2 });
    expect(await w.writer.scale(app, 2, inTime())).toEqual({ app, deployment: null });
    expect(w.asked).toEqual(['GET /v2/apps/{id} ok']);
  });

  test('a change of the configuration is proven anew, and so is the first one after 0', async () => {
    const app = await w.deploy('/web', { instances: 2 });
    const proofs = () => w.asked.filter((each) => each === dryRun).length;
    await w.done(w.writer.scale(app, 0, inTime()));
    await w.done(w.writer.scale(app, 2, inTime()));
    expect(proofs()).toBe(2);
    await w.done(w.writer.scale(app, 1, inTime()));
    expect(proofs()).toBe(2);
    await w.it.deploy('PUT', '/v2/apps/web', { labels: { release: '2' } });
    await w.done(w.writer.scale(app, 2, inTime()));
    expect(proofs()).toBe(3);
  });

  test('kills exactly the tasks that were named, and scales by as many', async () => {
    const app = await w.deploy('/shop/web', { instances: 4, resourceLimits: { cpus: 1 } });
    const [first = taskId(''), second, third = taskId(''), fourth] = await w.tasks(app);
    const gone = taskId(first.replace(/[\da-f]{8}-/, '00000000-'));
    await w.done(w.writer.kill(app, [first, third, gone], inTime()));
    expect(await w.tasks(app)).toEqual([second, fourth]);
    expect(await w.instances(app)).toBe(2);
    expect(actions()).toEqual(new Set(['ScaleApplication /shop/web']));

    const changes = w.changes();
    expect(await w.writer.kill(app, [first, third], inTime())).toEqual({ app, deployment: null });
    expect(w.changes()).toBe(changes);
  });

  test('deletes an app, but only one without instances', async () => {
    const app = await w.deploy('/shop/web', { instances: 2 });
    const neighbour = await w.deploy('/shop/api', { instances: 1 });
    const others = await w.tasks(neighbour);
    const failure = await failureOf(w.writer.delete(app, inTime()));
    expect([failure.code, failure.message]).toEqual([
      'unsafe',
      '/shop/web was not deleted: it has 2 instances, and only an app that was scaled to 0 is deleted',
    ]);
    expect(w.changes()).toBe(0);

    await w.done(w.writer.scale(app, 0, inTime()));
    w.it.fresh();
    await w.done(w.writer.delete(app, inTime()));
    expect((await w.it.call('GET', '/v2/apps/shop/web')).status).toBe(404);
    expect(actions()).toEqual(new Set(['StopApplication /shop/web']));
    expect(await w.tasks(neighbour)).toEqual(others);
    expect(await failureOf(w.writer.delete(app, inTime()))).toMatchObject({ code: 'not-found' });
  });

  test('creates an app, once', async () => {
    const definition = { id: '/shop/new/web', cmd: 'serve', instances: 2, cpus: 0.1, mem: 32 };
    const { app, deployment } = await w.done(w.writer.create(definition, inTime()));
    expect([app, deployment]).toEqual(['/shop/new/web', expect.stringMatching(/^[\da-f-]{36}$/)]);
    expect(await w.tasks(app)).toHaveLength(2);
    const again = await failureOf(w.writer.create(definition, inTime()));
    expect([again.code, again.message]).toEqual([
      'exists',
      expect.stringMatching(/^\/shop\/new\/web was not created: .* already exists/),
    ]);
    expect(w.changes()).toBe(2);
  });

  test('waits for a deployment of somebody else on the same app', async () => {
    const app = await w.deploy('/web', { instances: 1, healthChecks: [httpCheck] });
    w.it.sim.behaveApp('/web', { unhealthy: true });
    const theirs = (await w.it.call('PUT', '/v2/apps/web', { instances: 3 })).body['deploymentId'];
    const scaled = w.done(w.writer.scale(app, 2, inTime()));
    await until('a refusal', () => w.asked.includes('PATCH /v2/apps/{id} locked'));
    expect((await w.it.call<{ id: string }[]>('GET', '/v2/deployments')).body.map(({ id }) => id)).toEqual([
      theirs,
    ]);
    w.it.sim.behaveApp('/web', { unhealthy: false });
    await scaled;
    expect(await w.tasks(app)).toHaveLength(2);
  });
});
