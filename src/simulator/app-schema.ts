/** The shape of an app definition as people write it, old forms included. Rules about values are in validate.ts. */
import { z } from 'zod';

const labels = z.record(z.string(), z.string());
const integer = z.int();
const free = z.record(z.string(), z.unknown());

const portMapping = z.object({
  containerPort: integer.default(0),
  hostPort: integer.optional(),
  labels: labels.default({}),
  name: z.string().optional(),
  networkNames: z.array(z.string()).optional(),
  protocol: z.string().default('tcp'),
  servicePort: integer.default(0),
});

const portDefinition = z.object({
  labels: labels.default({}),
  name: z.string().optional(),
  port: integer.default(0),
  protocol: z.string().default('tcp'),
});

const container = z.object({
  type: z.enum(['DOCKER', 'MESOS']).default('DOCKER'),
  docker: z
    .looseObject({
      image: z.string(),
      network: z.enum(['BRIDGE', 'HOST', 'USER', 'NONE']).optional(),
      portMappings: z.array(portMapping).optional(),
    })
    .optional(),
  volumes: z.array(free).default([]),
  portMappings: z.array(portMapping).optional(),
});

const network = z.object({
  name: z.string().optional(),
  mode: z.enum(['host', 'container/bridge', 'container']).default('container'),
  labels: labels.optional(),
});

const discoveryPort = z.object({
  number: integer,
  name: z.string().optional(),
  protocol: z.string().default('tcp'),
});

const healthCheck = z.object({
  gracePeriodSeconds: integer.default(300),
  ignoreHttp1xx: z.boolean().optional(),
  intervalSeconds: integer.default(60),
  maxConsecutiveFailures: integer.default(3),
  path: z.string().optional(),
  port: integer.optional(),
  portIndex: integer.optional(),
  protocol: z
    .enum(['HTTP', 'HTTPS', 'TCP', 'COMMAND', 'MESOS_TCP', 'MESOS_HTTP', 'MESOS_HTTPS'])
    .default('HTTP'),
  ipProtocol: z.enum(['IPv4', 'IPv6']).default('IPv4'),
  timeoutSeconds: integer.default(20),
  delaySeconds: integer.default(15),
  command: free.optional(),
});

const readinessCheck = z.object({
  name: z.string().default('readinessCheck'),
  protocol: z.enum(['HTTP', 'HTTPS']).default('HTTP'),
  path: z.string().default('/'),
  portName: z.string().default('http-api'),
  intervalSeconds: integer.default(30),
  timeoutSeconds: integer.default(10),
  httpStatusCodesForReady: z.array(integer).default([200]),
  preserveLastResponse: z.boolean().default(false),
});

/** One app, whole or a part of it. Unknown keys are dropped, as Marathon drops them. */
export const appInput = z.object({
  id: z.string().optional(),
  acceptedResourceRoles: z.array(z.string()).optional(),
  args: z.array(z.string()).optional(),
  backoffFactor: z.number().optional(),
  backoffSeconds: integer.optional(),
  cmd: z.string().min(1).optional(),
  constraints: z.array(z.array(z.string())).optional(),
  container: container.optional(),
  cpus: z.number().optional(),
  dependencies: z.array(z.string()).optional(),
  disk: z.number().optional(),
  env: z.record(z.string(), z.union([z.string(), z.object({ secret: z.string() })])).optional(),
  executor: z.string().optional(),
  executorResources: free.optional(),
  fetch: z.array(free).optional(),
  healthChecks: z.array(healthCheck).optional(),
  check: free.optional(),
  instances: integer.optional(),
  ipAddress: z
    .looseObject({
      networkName: z.string().optional(),
      discovery: z.looseObject({ ports: z.array(discoveryPort).optional() }).optional(),
    })
    .optional(),
  labels: labels.optional(),
  maxLaunchDelaySeconds: integer.optional(),
  mem: z.number().optional(),
  gpus: integer.optional(),
  networks: z.array(network).optional(),
  ports: z.array(integer).optional(),
  portDefinitions: z.array(portDefinition).optional(),
  readinessChecks: z.array(readinessCheck).optional(),
  requirePorts: z.boolean().optional(),
  resourceLimits: free.optional(),
  secrets: free.optional(),
  taskKillGracePeriodSeconds: integer.optional(),
  upgradeStrategy: z
    .object({ maximumOverCapacity: z.number(), minimumHealthCapacity: z.number() })
    .optional(),
  uris: z.array(z.string()).optional(),
  user: z.string().optional(),
  version: z.string().optional(),
  killSelection: z.enum(['YOUNGEST_FIRST', 'OLDEST_FIRST']).optional(),
  unreachableStrategy: z
    .union([
      z.literal('disabled'),
      z.object({ inactiveAfterSeconds: integer.default(0), expungeAfterSeconds: integer.default(0) }),
    ])
    .optional(),
  tty: z.boolean().optional(),
  role: z.string().optional(),
});

export type AppInput = z.output<typeof appInput>;
