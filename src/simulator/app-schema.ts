/** The shape of an app definition as people write it, old forms included. Rules about values are in validate.ts. */
import { z } from 'zod';
import type { Dialect } from './dialect.ts';
import { transport, type Word, words } from './words.ts';

const labels = z.record(z.string(), z.string());
const integer = z.int();
const free = z.record(z.string(), z.unknown());

function portMapping(protocol: z.ZodType<string>) {
  return z.object({
    containerPort: integer.default(0),
    hostPort: integer.optional(),
    labels: labels.default({}),
    name: z.string().optional(),
    networkNames: z.array(z.string()).optional(),
    protocol: protocol.default('tcp'),
    servicePort: integer.default(0),
  });
}

function portDefinition(protocol: z.ZodType<string>) {
  return z.object({
    labels: labels.default({}),
    name: z.string().optional(),
    port: integer.default(0),
    protocol: protocol.default('tcp'),
  });
}

function container(word: Word, protocol: z.ZodType<string>) {
  return z.object({
    type: word('DOCKER', 'MESOS').default('DOCKER'),
    docker: z
      .looseObject({
        image: z.string(),
        network: word('BRIDGE', 'HOST', 'USER', 'NONE').optional(),
        portMappings: z.array(portMapping(protocol)).optional(),
      })
      .optional(),
    volumes: z.array(volume(word)).default([]),
    portMappings: z.array(portMapping(protocol)).optional(),
  });
}

function volume(word: Word) {
  return z.looseObject({
    mode: word('RO', 'RW').optional(),
    persistent: z.looseObject({ type: word('root', 'path', 'mount').optional() }).optional(),
  });
}

function network(word: Word) {
  return z.object({
    name: z.string().optional(),
    mode: word('host', 'container/bridge', 'container').default('container'),
    labels: labels.optional(),
  });
}

function discoveryPort(protocol: z.ZodType<string>) {
  return z.object({
    number: integer,
    name: z.string().optional(),
    protocol: protocol.default('tcp'),
  });
}

function healthCheck(word: Word) {
  return z.object({
    gracePeriodSeconds: integer.default(300),
    ignoreHttp1xx: z.boolean().optional(),
    intervalSeconds: integer.default(60),
    maxConsecutiveFailures: integer.default(3),
    path: z.string().optional(),
    port: integer.optional(),
    portIndex: integer.optional(),
    protocol: word('HTTP', 'HTTPS', 'TCP', 'COMMAND', 'MESOS_TCP', 'MESOS_HTTP', 'MESOS_HTTPS').default(
      'HTTP',
    ),
    ipProtocol: word('IPv4', 'IPv6').default('IPv4'),
    timeoutSeconds: integer.default(20),
    delaySeconds: integer.default(15),
    command: free.optional(),
  });
}

function check(word: Word) {
  return z.looseObject({
    http: z.looseObject({ scheme: word('HTTP', 'HTTPS').optional() }).optional(),
  });
}

function readinessCheck(word: Word) {
  return z.object({
    name: z.string().default('readinessCheck'),
    protocol: word('HTTP', 'HTTPS').default('HTTP'),
    path: z.string().default('/'),
    portName: z.string().default('http-api'),
    intervalSeconds: integer.default(30),
    timeoutSeconds: integer.default(10),
    httpStatusCodesForReady: z.array(integer).default([200]),
    preserveLastResponse: z.boolean().default(false),
  });
}

function unreachableStrategy(word: Word) {
  return z.union([
    word('disabled'),
    z.object({ inactiveAfterSeconds: integer.default(0), expungeAfterSeconds: integer.default(0) }),
  ]);
}

/** One app, whole or a part of it. Unknown keys are dropped, as Marathon drops them. */
function appSchema(anyCase: boolean) {
  const word = words(anyCase);
  const protocol = transport(word, anyCase);
  return z.object({
    id: z.string().optional(),
    acceptedResourceRoles: z.array(z.string()).optional(),
    args: z.array(z.string()).optional(),
    backoffFactor: z.number().optional(),
    backoffSeconds: integer.optional(),
    cmd: z.string().min(1).optional(),
    constraints: z.array(z.array(z.string())).optional(),
    container: container(word, protocol).optional(),
    cpus: z.number().optional(),
    dependencies: z.array(z.string()).optional(),
    disk: z.number().optional(),
    env: z.record(z.string(), z.union([z.string(), z.object({ secret: z.string() })])).optional(),
    executor: z.string().optional(),
    executorResources: free.optional(),
    fetch: z.array(free).optional(),
    healthChecks: z.array(healthCheck(word)).optional(),
    check: check(word).optional(),
    instances: integer.optional(),
    ipAddress: z
      .looseObject({
        networkName: z.string().optional(),
        discovery: z.looseObject({ ports: z.array(discoveryPort(protocol)).optional() }).optional(),
      })
      .optional(),
    labels: labels.optional(),
    maxLaunchDelaySeconds: integer.optional(),
    mem: z.number().optional(),
    gpus: integer.optional(),
    networks: z.array(network(word)).optional(),
    ports: z.array(integer).optional(),
    portDefinitions: z.array(portDefinition(protocol)).optional(),
    readinessChecks: z.array(readinessCheck(word)).optional(),
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
    killSelection: word('YOUNGEST_FIRST', 'OLDEST_FIRST').optional(),
    unreachableStrategy: unreachableStrategy(word).optional(),
    tty: z.boolean().optional(),
    role: z.string().optional(),
  });
}

export type AppSchema = ReturnType<typeof appSchema>;
export type AppInput = z.output<AppSchema>;

const exact = appSchema(false);
const inAnyCase = appSchema(true);

export function appInputOf({ readsAnyCase }: Pick<Dialect, 'readsAnyCase'>): AppSchema {
  return readsAnyCase ? inAnyCase : exact;
}
