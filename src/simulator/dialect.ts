/** All that differs on the wire between Marathon 1.4, 1.7 and 1.10, in one table; nothing else asks for the version. */
import type { AppDefinition, AppFields, HealthCheckDefinition } from './definition.ts';
import { app14, healthCheck14, task14 } from './format-1-4.ts';
import { json14, json17 } from './metrics-format.ts';
import { type Metrics, metrics14, metrics17, type Numbers } from './metrics.ts';
import { pod10, pod14, pod7 } from './pod-format.ts';
import type { PodInstanceView } from './pod-view.ts';
import type { HealthResultView, TaskView } from './task-view.ts';
import type { Condition } from './world.ts';

export const marathonVersions = ['1.4', '1.7', '1.10'] as const;
export type MarathonVersion = (typeof marathonVersions)[number];

export interface Dialect {
  /** What /v2/info says. */
  readonly release: string;
  /**
   * 1.8 and later: an instance outlives its tasks, has a goal whose change is an event, and lists its ended task until
   * the next one is provisioned. Before, an ended task is gone at once and its replacement is another instance.
   */
  readonly stableInstances: boolean;
  /** `app` is the id's safe form. */
  readonly instanceId: (app: string, uuid: string) => string;
  readonly taskId: (app: string, uuid: string, incarnation: number) => string;
  /** The task of one container of a pod's instance. */
  readonly podTaskId: (instance: string, container: string, incarnation: number) => string;
  /** How events name a condition; null: they do not tell of it. */
  readonly condition: (condition: Condition) => string | null;

  /** Fields that this version does not know, and so ignores. */
  readonly unknownFields: readonly (keyof AppFields)[];
  /** Whether ports and networks are written and read only in the forms of before 1.5. */
  readonly oldNetworks: boolean;
  readonly defaults: Pick<AppDefinition, 'maxLaunchDelaySeconds' | 'unreachableStrategy'> & {
    readonly acceptedResourceRoles: readonly string[] | undefined;
  };
  /** Whether ids that /v2/apps could not tell from a route are refused. */
  readonly reservesIdEnds: boolean;
  /** `--max_running_deployments` */
  readonly mostDeployments: number;

  readonly app: (app: AppDefinition) => object;
  readonly pod: (pod: AppDefinition) => object;
  readonly podInstance: (instance: PodInstanceView) => object;
  readonly healthCheck: (check: HealthCheckDefinition) => object;
  readonly task: (task: TaskView) => object;
  readonly healthResult: (result: HealthResultView) => object;
  /** What the answer to a created app says of its tasks. */
  readonly noTasksYet: object;
  readonly taskStatsKey: 'taskStats' | 'tasksStats';
  /** Whether results of readiness checks name the instance and not the task. */
  readonly readinessNamesInstance: boolean;
  /** Whether lists of a task are written when they are empty. */
  readonly writesEmptyLists: boolean;
  /** Whether a node that stands by sends clients of the event stream to the leader, and does not pass it on. */
  readonly redirectsStreams: boolean;

  /** Whether plans in events hold the whole root group, before and after. */
  readonly heavyPlans: boolean;
  /** Whether a plan that is refused with 409 shows as a failed deployment. */
  readonly showsRefusedPlans: boolean;
  /** Whether `deployment_failed` says why. */
  readonly tellsFailureReason: boolean;
  /** Whether each check tells of the whole instance's health (fixed in 1.5.7), and not all of them together. */
  readonly tellsHealthPerCheck: boolean;
  /** Keys of these two in their order; the values are given under these names. */
  readonly addHealthCheckKeys: readonly string[];
  readonly failedHealthCheckKeys: readonly string[];

  /** `--event_stream_max_outstanding_messages`, and what becomes of a consumer that has more waiting. */
  readonly slowConsumer: { readonly most: number; readonly then: 'drop' | 'disconnect' };
  readonly securityHeaders: boolean;
  /** Whether `PATCH /v2/groups/{id}` sets `enforceRole`, since 1.9. */
  readonly patchesGroups: boolean;
  /** Whether groups tell whether their role is enforced, and write lists that nobody asked for as empty ones, since 1.9. */
  readonly wholeGroups: boolean;
  /** Whether the launch queue names the role of what is to be launched, since 1.9. */
  readonly queueNamesRole: boolean;
  /** Whether there is the route of HTTP callbacks for events, which nobody has turned on. */
  readonly eventSubscriptions: boolean;
  /** Whether the list of tasks is written as text for those who ask for it. */
  readonly writesEndpointsAsText: boolean;
  /** Whether words of a few, such as the protocol of a health check, are read in any case: since 1.5. */
  readonly readsAnyCase: boolean;
  /** Play's error for a word that is none of those; a code of its own since the generator of types is a project of its own. */
  readonly unknownWord: string;
  /** How JSON of the wrong shape is answered: 422 since 1.5, where the types of RAML hold ranges of numbers as well. */
  readonly wrongShape: 400 | 422;
  readonly unknownRoute: (path: string) => { readonly status: number; readonly body: object };
  readonly metrics: {
    readonly of: (numbers: Numbers) => Metrics;
    readonly json: (metrics: Metrics) => object;
    readonly forPrometheus: boolean;
    /** After which the durations of requests are forgotten, in ms; null: the last ones are kept. */
    readonly resetMs: number | null;
  };
  /** From the answer to `DELETE /v2/leader` to the deed, in ms. */
  readonly abdicationMs: number;
}

const v10: Dialect = {
  release: '1.10.26',
  stableInstances: true,
  instanceId: (app, uuid) => `${app}.instance-${uuid}`,
  taskId: (app, uuid, incarnation) => `${app}.instance-${uuid}._app.${incarnation}`,
  podTaskId: (instance, container, incarnation) => `${instance}.${container}.${incarnation}`,
  condition: (condition) => condition,
  unknownFields: [],
  oldNetworks: false,
  defaults: {
    acceptedResourceRoles: ['*'],
    maxLaunchDelaySeconds: 300,
    unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
  },
  reservesIdEnds: true,
  mostDeployments: 100,
  app: (app) => app,
  pod: pod10,
  podInstance: (instance) => instance,
  healthCheck: (check) => check,
  task: (task) => task,
  healthResult: withoutNulls,
  noTasksYet: {},
  taskStatsKey: 'tasksStats',
  readinessNamesInstance: true,
  writesEmptyLists: true,
  redirectsStreams: true,
  heavyPlans: false,
  showsRefusedPlans: true,
  tellsFailureReason: true,
  tellsHealthPerCheck: false,
  addHealthCheckKeys: ['appId', 'eventType', 'healthCheck', 'timestamp', 'version'],
  // The value under `taskId` is an instance's id nevertheless.
  failedHealthCheckKeys: ['appId', 'eventType', 'healthCheck', 'taskId', 'timestamp'],
  slowConsumer: { most: 1024, then: 'disconnect' },
  securityHeaders: true,
  patchesGroups: true,
  wholeGroups: true,
  queueNamesRole: true,
  eventSubscriptions: false,
  writesEndpointsAsText: false,
  readsAnyCase: true,
  unknownWord: 'error.unknown.enum.literal',
  wrongShape: 422,
  unknownRoute: () => ({ status: 500, body: { message: 'URI not found' } }),
  metrics: { of: metrics17, json: json17, forPrometheus: true, resetMs: 5_000 },
  abdicationMs: 500,
};

const v7: Dialect = {
  ...v10,
  release: '1.7.236',
  stableInstances: false,
  instanceId: (app, uuid) => `${app}.marathon-${uuid}`,
  taskId: (app, uuid) => `${app}.${uuid}`,
  podTaskId: (instance, container) => `${instance}.${container}`,
  condition: (condition) => oldConditions.get(condition) ?? (condition === 'Scheduled' ? null : condition),
  unknownFields: ['role', 'resourceLimits'],
  defaults: { ...v10.defaults, maxLaunchDelaySeconds: 3600 },
  reservesIdEnds: false,
  app: ({ role: _role, resourceLimits: _limits, ...app }) => app,
  pod: pod7,
  podInstance: ({ role: _role, ...instance }) => instance,
  task: ({ role: _role, ...task }) => task,
  taskStatsKey: 'taskStats',
  readinessNamesInstance: false,
  patchesGroups: false,
  wholeGroups: false,
  queueNamesRole: false,
  writesEndpointsAsText: true,
  unknownWord: 'error.expected.jsstring',
  slowConsumer: { most: 1024, then: 'drop' },
  unknownRoute: (path) => ({ status: 404, body: { message: `URI not found: ${path}` } }),
};

const v4: Dialect = {
  ...v7,
  release: '1.4.13',
  unknownFields: [...v7.unknownFields, 'executorResources', 'check', 'tty'],
  oldNetworks: true,
  defaults: {
    acceptedResourceRoles: undefined,
    maxLaunchDelaySeconds: 3600,
    unreachableStrategy: { inactiveAfterSeconds: 300, expungeAfterSeconds: 600 },
  },
  mostDeployments: Number.POSITIVE_INFINITY,
  app: app14,
  pod: pod14,
  podInstance: ({ role: _role, agentId: _agent, localVolumes: _volumes, ...instance }) => instance,
  healthCheck: healthCheck14,
  task: task14,
  healthResult: (result) => result,
  noTasksYet: { tasks: [] },
  writesEmptyLists: false,
  redirectsStreams: false,
  heavyPlans: true,
  showsRefusedPlans: false,
  tellsFailureReason: false,
  tellsHealthPerCheck: true,
  addHealthCheckKeys: ['appId', 'version', 'healthCheck', 'eventType', 'timestamp'],
  failedHealthCheckKeys: ['appId', 'instanceId', 'healthCheck', 'eventType', 'timestamp'],
  slowConsumer: { most: 50, then: 'drop' },
  securityHeaders: false,
  eventSubscriptions: true,
  readsAnyCase: false,
  wrongShape: 400,
  metrics: { of: metrics14, json: json14, forPrometheus: false, resetMs: null },
  abdicationMs: 0,
};

const dialects: Readonly<Record<MarathonVersion, Dialect>> = { '1.4': v4, '1.7': v7, '1.10': v10 };

export function dialectOf(version: MarathonVersion): Dialect {
  return dialects[version];
}

/** Before 1.8 an instance begins with the offer that it takes. */
const oldConditions: ReadonlyMap<Condition, string> = new Map([['Provisioned', 'Created']]);

function withoutNulls(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}
