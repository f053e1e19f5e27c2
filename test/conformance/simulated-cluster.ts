/** Groups, queue, info, metrics and refusals of each simulated version, against RAML types and the JSON Schema of 1.4. */
import { type MarathonVersion, marathonVersions } from '../../src/simulator/dialect.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { until } from '../support/wait.ts';
import { type Check, must, mustEqual } from './check.ts';
import type { Schemas } from './schemas.ts';
import { type Answer, type Call, withSimulator } from './simulated.ts';

type Json = Readonly<Record<string, unknown>>;

export function simulatedClusterChecks(schemas: Schemas): readonly Check[] {
  return marathonVersions.map((version) => ({
    subject: 'marathon/types/{group,queue,info,newMetrics,error}.raml, schema-1.4/AppDefinition.json',
    holds: `groups, queue, info, metrics and errors of ${version} are of their types`,
    run: () =>
      withSimulator((call, idle, simulator) => cluster({ version, schemas, call, idle, simulator }), version),
  }));
}

interface Stage {
  readonly version: MarathonVersion;
  readonly schemas: Schemas;
  readonly call: Call;
  readonly idle: () => Promise<void>;
  readonly simulator: Simulator;
}

async function cluster({ version, schemas, call, idle, simulator }: Stage): Promise<string> {
  const info = await call('GET', '/v2/info');
  schemas.mustBe('info', 'MarathonInfo', info.body);
  schemas.mustBe('info', 'LeaderInfo', (await call('GET', '/v2/leader')).body);

  const apps = [
    app('web', { instances: 2 }),
    app('never', { backoffSeconds: 3600, maxLaunchDelaySeconds: 3600 }),
  ];
  // The type is that of the metrics since 1.7.
  if (version !== '1.4') schemas.mustBe('newMetrics', 'NewMetrics', (await call('GET', '/metrics')).body);
  const created = await call('POST', '/v2/groups', {
    id: '/shop',
    apps,
    groups: [{ id: 'empty', dependencies: ['../more', '/lib'] }],
  });
  mustEqual('the status of a new group', created.status, 201);
  schemas.mustBe('deploymentResult', 'DeploymentResult', created.body);
  const group = (await call('GET', '/v2/groups/shop?embed=group.groups&embed=group.apps')).body as Json;
  mustBeGroup(version, schemas, group);
  const steps = await call('PUT', '/v2/groups/shop?dryRun=true', { apps: [app('web')] });
  schemas.mustBe('deploymentSteps', 'DeploymentSteps', steps.body);
  const queue = await until('an app that waits in the queue', async () => {
    simulator.crashApp('/shop/never');
    const body = (await call('GET', '/v2/queue')).body as { readonly queue: readonly Json[] };
    return body.queue.length > 0 && body;
  });
  if (version === '1.4') for (const item of queue.queue) mustBeApp14(schemas, item['app']);
  // The types are those of the last version; a queue names roles since 1.9.
  else if (version === '1.7')
    schemas.mustBe('queue', 'Queue', { queue: queue.queue.map((item) => ({ role: '*', ...item })) });
  else schemas.mustBe('queue', 'Queue', queue);

  // Its deployment lasts for as long as it takes to start, which is for ever.
  await call('POST', '/v2/apps', app('/slow', { env: { SIM_START_DELAY_MS: '3600000' } }));
  const refused: readonly (readonly [number, Answer])[] = [
    [version === '1.4' ? 400 : 422, await call('POST', '/v2/apps', { id: 7 })],
    [400, await call('POST', '/v2/tasks/delete', { ids: ['nonsense'] })],
    [404, await call('GET', '/v2/apps/none')],
    [404, await call('GET', '/v2/groups/none')],
    [404, await call('DELETE', '/v2/deployments/none')],
    [405, await call('POST', '/v2/info', {})],
    [409, await call('POST', '/v2/apps', app('/shop/web'))],
    [409, await call('PUT', '/v2/apps/slow', { instances: 5 })],
    [422, await call('POST', '/v2/apps', app('/x', { instances: -1 }))],
    [422, await call('PUT', '/v2/groups/shop/empty', { apps: [app('x')], dependencies: ['/'] })],
    [422, await call('GET', '/v2/apps?label=(')],
    [version === '1.10' ? 500 : 404, await call('GET', '/v2/nothing')],
  ];
  for (const [status, answer] of refused) {
    mustEqual(`the status of ${JSON.stringify(answer.body)}`, answer.status, status);
    mustBeError(schemas, answer.body);
  }
  mustEqual('the status of the end', (await call('DELETE', '/v2/apps/slow?force=true')).status, 200);
  mustEqual('the status of the end', (await call('DELETE', '/v2/groups/shop?force=true')).status, 200);
  await idle();
  return `${String((info.body as Json)['version'])}, ${refused.length} refusals`;
}

function app(id: string, more: Json = {}): Json {
  return { id, cmd: 'serve', cpus: 0.1, mem: 32, instances: 1, ...more };
}

/** The type says nothing of `path`, of a text as `details` and of `deployments`, which its own examples have. */
function mustBeError(schemas: Schemas, body: unknown): void {
  const { details, deployments: _deployments, ...error } = body as Json;
  if (!Array.isArray(details)) return schemas.mustBe('error', 'Error', error);
  const plain = details.map(({ path, ...detail }: Json) => {
    must(typeof path === 'string', `a detail of ${JSON.stringify(body)} has no path`);
    return detail;
  });
  schemas.mustBe('error', 'Error', { ...error, details: plain });
}

/** Apps of 1.4 are of no RAML type: these came with 1.5. */
function mustBeGroup(version: MarathonVersion, schemas: Schemas, group: Json): void {
  if (version !== '1.4') return schemas.mustBe('group', 'GroupInfo', group);
  const apps = group['apps'] as readonly unknown[];
  must(apps.length > 0, 'the group has no apps');
  for (const each of apps) mustBeApp14(schemas, each);
  schemas.mustBe('group', 'GroupInfo', { ...group, apps: [] });
}

/** It is a schema of what may be written: null stands for what is not there. */
function mustBeApp14(schemas: Schemas, wire: unknown): void {
  const given = Object.entries(wire as Json).filter(([, value]) => value !== null);
  mustEqual('the JSON Schema of 1.4 says', schemas.app14(Object.fromEntries(given)), null);
}
