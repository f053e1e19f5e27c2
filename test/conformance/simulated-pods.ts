/** Pods of each simulated version: Marathon's own example, every answer against RAML types, every event against samples. */
import { type MarathonVersion, marathonVersions } from '../../src/simulator/dialect.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { until } from '../support/wait.ts';
import { type Check, must, mustEqual } from './check.ts';
import type { Reference } from './reference.ts';
import type { Schemas } from './schemas.ts';

type Json = Readonly<Record<string, unknown>>;
type Event = Json & { readonly eventType: string };

export function simulatedPodChecks(reference: Reference, schemas: Schemas): readonly Check[] {
  return marathonVersions.map((version) => ({
    subject: 'marathon/examples/pod.json, types/{pod,podStatus,instance,queue,group}.raml, events/',
    holds: `a pod of ${version} is created, told of, shown, replaced and deleted in the form of types and samples`,
    run: () => lifeOfAPod(version, reference, schemas),
  }));
}

async function lifeOfAPod(version: MarathonVersion, reference: Reference, schemas: Schemas): Promise<string> {
  const events: Event[] = [];
  const simulator = await startSimulator({
    marathonVersion: version,
    tasks: 'addresses',
    startDelayMs: 10,
    log: ({ event }, message) => {
      if (message === 'event') events.push(event as Event);
    },
  });
  const call = async (method: string, path: string, status: number, body?: unknown): Promise<unknown> => {
    const answer = await fetch(`${simulator.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      signal: AbortSignal.timeout(10_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    mustEqual(`the status of ${method} ${path}`, answer.status, status);
    const text = await answer.text();
    return text === '' ? null : JSON.parse(text);
  };
  const stable = () =>
    until('the pod to be stable', async () => {
      const status = (await call('GET', '/v2/pods/foo::status', 200)) as Json;
      mustBeStatus(version, schemas, status);
      return status['status'] === 'STABLE' && status;
    });
  try {
    const pod = reference.json('marathon/examples/pod.json') as Json;
    mustBePod(schemas, await call('POST', '/v2/pods', 201, pod));
    for (const each of (await call('GET', '/v2/deployments', 200)) as Json[])
      schemas.mustBe('deploymentEventsInfo', 'DeploymentStepInfo', each);
    const { instances } = (await stable()) as { instances: Json[] };
    for (const each of (await call('GET', '/v2/pods', 200)) as Json[]) mustBePod(schemas, each);
    const { pods } = (await call('GET', '/v2/groups?embed=group.pods', 200)) as { pods: Json[] };
    must(pods.length === 1, 'the group does not have the pod');
    for (const each of pods) mustBeStatus(version, schemas, each);
    const killed = await call('DELETE', `/v2/pods/foo::instances/${String(instances[0]?.['id'])}`, 200);
    mustBeInstance(version, schemas, killed as Json);
    const waiting = { ...pod, scheduling: { backoff: { backoff: 3600, maxLaunchDelay: 3600 } } };
    await call('PUT', '/v2/pods/foo?force=true', 200, waiting);
    await stable();
    const [version1 = ''] = (await call('GET', '/v2/pods/foo::versions', 200)) as string[];
    mustBePod(schemas, await call('GET', `/v2/pods/foo::versions/${version1}`, 200));
    simulator.crashApp('/foo');
    const { queue } = (await call('GET', '/v2/queue', 200)) as { queue: Json[] };
    must(queue.length === 1, 'the pod does not wait in the queue');
    for (const each of queue) mustBeQueued(version, schemas, each);
    await call('DELETE', '/v2/pods/foo?force=true', 202);
    await until('the end of the pod', () =>
      events.some(({ eventType }) => eventType === 'app_terminated_event'),
    );
    return `${mustBeAsSamples(version, reference, events)} types of events`;
  } finally {
    await simulator.close();
  }
}

/** How the kind of scaling extends its type is checked beside. */
function mustBePod(schemas: Schemas, wire: unknown): void {
  const { scaling, ...pod } = wire as Json;
  schemas.mustBe('pod', 'Pod', pod);
  schemas.mustBe('pod', 'FixedPodScalingPolicy', scaling);
}

/** The types are those of the last version: roles came with 1.9. */
function mustBeStatus(version: MarathonVersion, schemas: Schemas, wire: Json): void {
  const { spec, instances, ...status } = wire;
  mustBePod(schemas, spec);
  const { scaling: _scaling, ...pod } = spec as Json;
  const full = (instances as readonly Json[]).map((each) =>
    version === '1.10' ? each : { ...each, role: '*' },
  );
  schemas.mustBe('podStatus', 'PodStatus', { ...status, instances: full, spec: pod });
}

/** Goals came with 1.8. */
function mustBeInstance(version: MarathonVersion, schemas: Schemas, wire: Json): void {
  if (version === '1.10') return schemas.mustBe('instance', 'Instance', wire);
  const state = { ...(wire['state'] as Json), goal: 'Running' };
  schemas.mustBe('instance', 'Instance', { ...wire, state });
}

function mustBeQueued(version: MarathonVersion, schemas: Schemas, wire: Json): void {
  const { pod, ...item } = wire;
  mustBePod(schemas, pod);
  const full = version === '1.10' ? item : { role: '*', ...item };
  schemas.mustBe('queue', 'QueueObject', full);
}

/** @returns how many types of events there were samples of */
function mustBeAsSamples(version: MarathonVersion, reference: Reference, events: readonly Event[]): number {
  const path = 'marathon/events/events-marathon-1.8-to-1.11.json';
  const samples = new Map<string, Set<string>>();
  const keys = (event: Event): string => Object.keys(event).join(',');
  for (const each of Object.values(reference.json(path) as Record<string, Event>)) {
    if (typeof each === 'object')
      samples.set(each.eventType, (samples.get(each.eventType) ?? new Set()).add(keys(each)));
  }
  const types = new Set(events.map(({ eventType }) => eventType));
  for (const type of ['pod_created_event', 'pod_updated_event', 'pod_deleted_event', 'status_update_event'])
    must(types.has(type), `the simulator sent no ${type}`);
  // What differs before 1.8 is none of pods'.
  if (version !== '1.10') return types.size;
  for (const event of events) {
    const known = samples.get(event.eventType);
    if (known === undefined || known.has(keys(event))) continue;
    must(false, `${event.eventType} has ${keys(event)} instead of ${[...known].join(' or ')}`);
  }
  return types.size;
}
