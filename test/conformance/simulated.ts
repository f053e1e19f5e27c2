/** What the simulator accepts and answers, against Marathon's own examples, JSON Schemas and RAML types. */
import type { MarathonVersion } from '../../src/simulator/dialect.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { until } from '../support/wait.ts';
import { type Check, must, mustEqual } from './check.ts';
import type { Reference } from './reference.ts';
import type { Schemas } from './schemas.ts';

type Json = Readonly<Record<string, unknown>>;

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export type Call = (method: string, path: string, body?: unknown) => Promise<Answer>;

export function simulatorChecks(reference: Reference, schemas: Schemas): readonly Check[] {
  const folders = ['avi', 'dcos-vip', 'zdd'].flatMap((folder) => reference.files(folder, '.json'));
  const single = ['marathon/examples/app-check-http-example.json', ...folders];
  return [
    ...single.map((path): Check => accepted(path, () => reference.json(path) as Json, schemas)),
    {
      subject: 'marathon/examples/app.json',
      holds: 'refused for having both cmd and args, accepted without one, as the schema of 1.4 says',
      run: async () => {
        const { cmd: _cmd, tty: _tty, ...app } = reference.json('marathon/examples/app.json') as Json;
        const both = { ...app, cmd: 'sleep 1000' };
        must(schemas.app14(both) !== null, 'the schema of 1.4 permits both');
        mustEqual('the schema of 1.4 says of it without cmd', schemas.app14(app), null);
        // Per-task addresses with a bridge network are what 1.5 and later refuse.
        const { ipAddress: _ipAddress, dependencies: _dependencies, ...plain } = app;
        return withSimulator(async (call) => {
          mustEqual('the status with both', (await call('POST', '/v2/apps', both)).status, 422);
          const created = await call('POST', '/v2/apps', plain);
          mustEqual('the status with one', created.status, 201);
          schemas.mustBe('app', 'AppInfo', created.body);
          return '422, then 201';
        });
      },
    },
    bulk(reference, schemas),
    wrongTypes(reference, schemas),
    answers(reference, schemas),
  ];
}

/** What the schema of 1.4 accepts the simulator accepts, and answers as the RAML types say. */
function accepted(path: string, read: () => Json, schemas: Schemas): Check {
  return {
    subject: path,
    holds: 'created, answered and listed in the form of the RAML types',
    run: () =>
      withSimulator(async (call) => {
        const created = await call('POST', '/v2/apps', read());
        mustEqual('the status', created.status, 201);
        schemas.mustBe('app', 'AppInfo', created.body);
        const { id, labels } = created.body as { id: string; labels: unknown };
        mustEqual('the labels', labels, read()['labels'] ?? {});
        const { app } = (await call('GET', `/v2/apps${id}`)).body as { app: unknown };
        schemas.mustBe('app', 'AppInfo', app);
        return `201, ${id}`;
      }),
  };
}

function bulk(reference: Reference, schemas: Schemas): Check {
  return {
    subject: 'marathon/examples/apps_create.json, apps_patch.json',
    holds: 'created and changed in bulk, each with one deployment',
    run: () =>
      withSimulator(async (call, idle) => {
        const apps = (reference.json('marathon/examples/apps_create.json') as Json[]).map(
          ({ dependencies: _dependencies, ...app }) => app,
        );
        const created = await call('PUT', '/v2/apps', apps);
        mustEqual('the status of PUT', created.status, 200);
        schemas.mustBe('deploymentResult', 'DeploymentResult', created.body);
        await idle();
        const patched = await call('PATCH', '/v2/apps', reference.json('marathon/examples/apps_patch.json'));
        mustEqual('the status of PATCH', patched.status, 200);
        schemas.mustBe('deploymentResult', 'DeploymentResult', patched.body);
        await idle();
        const list = (await call('GET', '/v2/apps')).body;
        schemas.mustBe('app', 'AppList', list);
        return `${(list as { apps: unknown[] }).apps.length} apps`;
      }),
  };
}

/** Values of a type that no field of an app but `labels` and `env` has room for. */
function wrongTypes(reference: Reference, schemas: Schemas): Check {
  return {
    subject: 'marathon/schema-1.4/AppDefinition.json',
    holds: 'what it refuses for a wrong type the simulator refuses with 422',
    run: () =>
      withSimulator(async (call) => {
        const app = reference.json('avi/app1.json') as Json;
        const wrong: readonly Json[] = [
          { id: 7 },
          { instances: 'two' },
          { cpus: 'many' },
          { mem: true },
          { disk: [] },
          { labels: { a: 1 } },
          { labels: [] },
          { env: { a: 1 } },
          { container: 'docker' },
          { container: { type: 'DOCKER', docker: { image: 'a', network: 'NOWHERE' } } },
          { container: { type: 'DOCKER', docker: { image: 7 } } },
          { healthChecks: [{ protocol: 'GOPHER' }] },
          { healthChecks: [{ intervalSeconds: 'often' }] },
          { healthChecks: {} },
          { upgradeStrategy: { minimumHealthCapacity: 'all', maximumOverCapacity: 0 } },
          { portDefinitions: [{ port: 'eighty' }] },
          { ports: ['eighty'] },
          { constraints: 'UNIQUE' },
          { dependencies: [7] },
          { acceptedResourceRoles: 'any' },
        ];
        for (const change of wrong) {
          const body = { ...app, ...change };
          must(schemas.app14(body) !== null, `the schema permits ${JSON.stringify(change)}`);
          const { status, body: answer } = await call('POST', '/v2/apps', body);
          mustEqual(`the status for ${JSON.stringify(change)}`, status, 422);
          must(typeof (answer as Json)['message'] === 'string', 'the answer has no message');
        }
        mustEqual('the status of the app as it is', (await call('POST', '/v2/apps', app)).status, 201);
        return `${wrong.length} variants refused`;
      }),
  };
}

function answers(reference: Reference, schemas: Schemas): Check {
  return {
    subject: 'marathon/types/*.raml',
    holds: 'every answer about a deployed, failing and half-deleted cluster is of its RAML type',
    run: () =>
      withSimulator(async (call, idle, simulator) => {
        let seen = 0;
        const expect = async (
          path: string,
          library: string,
          type: string,
          pick?: string,
        ): Promise<unknown> => {
          const { status, body } = await call('GET', path);
          mustEqual(`the status of ${path}`, status, 200);
          const values = Array.isArray(body) ? body : [pick === undefined ? body : (body as Json)[pick]];
          for (const value of values) schemas.mustBe(library, type, value);
          seen += values.length;
          return body;
        };
        const look = async (): Promise<void> => {
          const embeds = ['tasks', 'counts', 'deployments', 'readiness', 'lastTaskFailure', 'taskStats'];
          await expect('/v2/apps', 'app', 'AppList');
          await expect(`/v2/apps?${embeds.map((e) => `embed=apps.${e}`).join('&')}`, 'app', 'AppList');
          await expect(
            `/v2/apps/app1?${embeds.map((e) => `embed=app.${e}`).join('&')}`,
            'app',
            'AppInfo',
            'app',
          );
          await expect('/v2/tasks', 'task', 'TaskList');
          await expect('/v2/apps/app1/tasks', 'task', 'TaskList');
          await expect('/v2/deployments', 'deploymentEventsInfo', 'DeploymentStepInfo');
          const versions = await expect('/v2/apps/app1/versions', 'app', 'VersionList');
          for (const version of (versions as { versions: string[] }).versions)
            await expect(`/v2/apps/app1/versions/${version}`, 'app', 'App');
        };
        for (const path of ['avi/app1.json', 'avi/app1-100.json', 'avi/app1-200.json']) {
          mustEqual('the status', (await call('POST', '/v2/apps', reference.json(path))).status, 201);
          await look();
        }
        await idle();
        await look();
        simulator.crashApp('/app1');
        await look();
        await call('PUT', '/v2/apps/app1', { instances: 3, labels: { a: 'b' } });
        await look();
        await idle();
        await call('DELETE', '/v2/apps/app1-100?force=false');
        await look();
        await idle();
        await look();
        return `${seen} answers`;
      }),
  };
}

export async function withSimulator(
  work: (call: Call, idle: () => Promise<void>, simulator: Simulator) => Promise<string>,
  marathonVersion: MarathonVersion = '1.10',
): Promise<string> {
  const simulator = await startSimulator({
    marathonVersion,
    tasks: 'addresses',
    startDelayMs: 20,
    healthSpeed: 100,
  });
  const call: Call = async (method, path, body) => {
    const response = await fetch(`${simulator.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      signal: AbortSignal.timeout(10_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  };
  const idle = async (): Promise<void> => {
    await until('no deployment to be under way', async () => {
      const { body } = await call('GET', '/v2/deployments');
      return Array.isArray(body) && body.length === 0;
    });
  };
  try {
    return await work(call, idle, simulator);
  } finally {
    await simulator.close();
  }
}
