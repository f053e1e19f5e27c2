/** From the JSON of a pod, as people write it, to a run spec: its shape, and Marathon's defaults. */
import { z } from 'zod';
import { appId } from '../model/ids.ts';
import type { Draft } from './complete.ts';
import type { Dialect } from './dialect.ts';
import { parseAs, withoutNulls } from './parse.ts';
import { hostPortsOf, type PodContainer, type PodFields } from './pod-definition.ts';
import { words } from './words.ts';

const count = z.int().min(0);
const amount = z.number().min(0);
const labels = z.record(z.string(), z.string());
const free = z.record(z.string(), z.unknown());

const endpoint = z.object({
  name: z.string(),
  containerPort: z.int().min(1).max(65_535).optional(),
  hostPort: z.int().min(0).max(65_535).optional(),
  protocol: z.array(z.string()).default(['tcp']),
  labels: labels.default({}),
});

const container = z.looseObject({
  name: z.string(),
  resources: z.object({
    cpus: amount,
    mem: amount,
    disk: amount.default(0),
    gpus: count.default(0),
  }),
  endpoints: z.array(endpoint).default([]),
  environment: free.default({}),
  volumeMounts: z.array(free).default([]),
  artifacts: z.array(free).default([]),
  labels: labels.default({}),
  lifecycle: z.object({ killGracePeriodSeconds: amount.optional() }).optional(),
});

/** Unknown keys are dropped, as Marathon drops them. */
function podSchema(anyCase: boolean) {
  const word = words(anyCase);
  return z.object({
    id: z.string(),
    labels: labels.optional(),
    user: z.string().optional(),
    environment: z.record(z.string(), z.union([z.string(), z.object({ secret: z.string() })])).optional(),
    containers: z.array(container).min(1),
    secrets: free.optional(),
    volumes: z.array(free).optional(),
    networks: z
      .array(
        z.object({
          name: z.string().optional(),
          mode: word('host', 'container/bridge', 'container').default('container'),
          labels: labels.optional(),
        }),
      )
      .optional(),
    scaling: z.object({ kind: word('fixed'), instances: count.default(1) }).optional(),
    scheduling: z
      .object({
        backoff: z
          .object({
            backoff: amount.optional(),
            backoffFactor: amount.optional(),
            maxLaunchDelay: amount.optional(),
          })
          .optional(),
        upgrade: z
          .object({
            minimumHealthCapacity: amount.max(1).optional(),
            maximumOverCapacity: amount.max(1).optional(),
          })
          .optional(),
        placement: z
          .object({
            constraints: z.array(free).optional(),
            acceptedResourceRoles: z.array(z.string()).optional(),
          })
          .optional(),
        killSelection: word('YOUNGEST_FIRST', 'OLDEST_FIRST').optional(),
        unreachableStrategy: z
          .union([
            word('disabled'),
            z.object({ inactiveAfterSeconds: count.default(0), expungeAfterSeconds: count.default(0) }),
          ])
          .optional(),
      })
      .optional(),
    executorResources: z
      .object({ cpus: amount.default(0.1), mem: amount.default(32), disk: amount.default(10) })
      .optional(),
    role: z.string().min(1).optional(),
  });
}

const exact = podSchema(false);
const inAnyCase = podSchema(true);

export type PodInput = z.output<typeof exact>;

/** @throws ApiError 400 or 422 with a path and Play's error code for each value of the wrong type or size */
export function parsePod(json: unknown, dialect: Dialect): PodInput {
  return parseAs(dialect.readsAnyCase ? inAnyCase : exact, withoutNulls(json), dialect);
}

/** The run spec that is wanted. Its ports are those of the endpoints that have one of the agent, whatever its network. */
export function draftOfPod(input: PodInput, defaults: Dialect['defaults']): Draft {
  const pod = complete(input, defaults);
  const { backoff, upgrade, killSelection, unreachableStrategy } = pod.scheduling;
  const graces = pod.containers.flatMap(({ lifecycle }) => lifecycle?.killGracePeriodSeconds ?? []);
  return {
    id: appId(input.id),
    backoffFactor: backoff.backoffFactor,
    backoffSeconds: backoff.backoff,
    cpus: 0,
    disk: 0,
    env: pod.environment,
    executor: '',
    instances: input.scaling?.instances ?? 1,
    labels: pod.labels,
    maxLaunchDelaySeconds: backoff.maxLaunchDelay,
    mem: 0,
    gpus: 0,
    networks: [{ mode: 'host' }],
    portDefinitions: pod.containers
      .flatMap(hostPortsOf)
      .map(({ hostPort = 0 }) => ({ labels: {}, port: hostPort, protocol: 'tcp' })),
    requirePorts: true,
    ...(graces.length === 0 ? {} : { taskKillGracePeriodSeconds: Math.max(...graces) }),
    upgradeStrategy: upgrade,
    killSelection,
    unreachableStrategy,
    role: pod.role,
    pod,
  };
}

/** Marathon's `PodNormalization` and `PodConversion`. */
function complete(input: PodInput, defaults: Dialect['defaults']): PodFields {
  const { backoff, upgrade, placement, killSelection, unreachableStrategy } = input.scheduling ?? {};
  const networks = input.networks ?? [];
  const own = networks.some(({ mode }) => mode === 'container');
  return {
    labels: input.labels ?? {},
    ...(input.user === undefined ? {} : { user: input.user }),
    environment: input.environment ?? {},
    containers: input.containers.map((each) => withHostPorts(each as PodContainer, own)),
    secrets: input.secrets ?? {},
    volumes: input.volumes ?? [],
    networks:
      networks.length === 0
        ? [{ mode: 'host' }]
        : networks.map(({ name, mode, labels: own = {} }) =>
            name === undefined ? { mode, labels: own } : { name, mode, labels: own },
          ),
    scheduling: {
      backoff: {
        backoff: backoff?.backoff ?? 1,
        backoffFactor: backoff?.backoffFactor ?? 1.15,
        maxLaunchDelay: backoff?.maxLaunchDelay ?? defaults.maxLaunchDelaySeconds,
      },
      upgrade: {
        minimumHealthCapacity: upgrade?.minimumHealthCapacity ?? 1,
        maximumOverCapacity: upgrade?.maximumOverCapacity ?? 1,
      },
      placement: {
        constraints: placement?.constraints ?? [],
        acceptedResourceRoles: placement?.acceptedResourceRoles ?? [],
      },
      killSelection: killSelection ?? 'YOUNGEST_FIRST',
      unreachableStrategy: unreachableStrategy ?? defaults.unreachableStrategy,
    },
    executorResources: input.executorResources ?? { cpus: 0.1, mem: 32, disk: 10 },
    role: input.role ?? '*',
  };
}

/** Where containers have no address of their own, each endpoint has a port of the agent. */
function withHostPorts(each: PodContainer, own: boolean): PodContainer {
  if (own) return each;
  return { ...each, endpoints: each.endpoints.map((end) => ({ ...end, hostPort: end.hostPort ?? 0 })) };
}
