/** The rules that Marathon holds an app definition to, beyond the shape of its JSON. */
import { type ErrorDetail, notValid } from './api-error.ts';
import type { Draft } from './complete.ts';
import { isHostNetwork, isMesosCheck, type UnreachableStrategy } from './definition.ts';

const idSegment = /^(([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])\.)*([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])$/;
const idPattern =
  "must fully match regular expression '^(([a-z0-9]|[a-z0-9][a-z0-9\\-]*[a-z0-9])\\.)*([a-z0-9]|[a-z0-9][a-z0-9\\-]*[a-z0-9])|(\\.|\\.\\.)$'";
/** Marathon 1.8 and later: such an app could not be reached under /v2/apps. */
const reservedEnds = ['restart', 'tasks', 'versions'];

/** @throws ApiError 422 "Object is not valid" that names every broken rule */
export function validate(app: Draft, reservesIdEnds: boolean): void {
  const details: ErrorDetail[] = [];
  const say = (path: string, error: string): void => void details.push({ path, errors: [error] });

  const segments = app.id.split('/').slice(1);
  if (!segments.every((segment) => idSegment.test(segment))) say('/id', idPattern);
  else if (reservesIdEnds && reservedEnds.includes(segments.at(-1) ?? ''))
    say('/id', `must not end with any of "${reservedEnds.join('", "')}"`);

  if (app.cmd === undefined && app.args === undefined && app.container?.docker === undefined) {
    say('/', "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.");
  }
  if (app.cmd !== undefined && app.args !== undefined) {
    say('/', "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.");
  }
  atLeast(say, '/instances', app.instances, 0);
  atLeast(say, '/cpus', app.cpus, 0);
  atLeast(say, '/mem', app.mem, 0);
  atLeast(say, '/disk', app.disk, 0);
  atLeast(say, '/gpus', app.gpus, 0);
  atLeast(say, '/backoffSeconds', app.backoffSeconds, 0);
  atLeast(say, '/backoffFactor', app.backoffFactor, 1);
  atLeast(say, '/maxLaunchDelaySeconds', app.maxLaunchDelaySeconds, 0);
  atLeast(say, '/taskKillGracePeriodSeconds', app.taskKillGracePeriodSeconds ?? 0, 0);
  share(say, '/upgradeStrategy/minimumHealthCapacity', app.upgradeStrategy.minimumHealthCapacity);
  share(say, '/upgradeStrategy/maximumOverCapacity', app.upgradeStrategy.maximumOverCapacity);
  if (app.labels['MARATHON_SINGLE_INSTANCE_APP'] === 'true' && app.instances > 1) {
    say('/instances', 'Number of instances must be at most one');
  }
  if (app.dependencies?.includes(app.id) === true) say('/dependencies', 'must not depend on itself');
  checkUnreachable(say, app.unreachableStrategy);
  checkPorts(say, app);
  checkHealth(say, app);
  if (details.length > 0) throw notValid(details);
}

type Say = (path: string, error: string) => void;

function atLeast(say: Say, path: string, value: number, least: number): void {
  if (value < least) say(path, `got ${value}, expected ${least} or more`);
}

function share(say: Say, path: string, value: number): void {
  if (value > 1) say(path, 'is greater than 1');
  if (value < 0) say(path, 'is less than 0');
}

function checkUnreachable(say: Say, strategy: UnreachableStrategy): void {
  if (strategy === 'disabled') return;
  const { inactiveAfterSeconds: inactive, expungeAfterSeconds: expunge } = strategy;
  atLeast(say, '/unreachableStrategy/inactiveAfterSeconds', inactive, 0);
  if (inactive > expunge) say('/unreachableStrategy', 'inactiveAfter must be less or equal to expungeAfter.');
}

function checkPorts(say: Say, app: Draft): void {
  const definitions = app.portDefinitions ?? [];
  const mappings = app.container?.portMappings ?? [];
  definitions.forEach((each, index) => port(say, `/portDefinitions(${index})/port`, each.port));
  mappings.forEach((each, index) => {
    port(say, `/container/portMappings(${index})/containerPort`, each.containerPort);
    port(say, `/container/portMappings(${index})/hostPort`, each.hostPort ?? 0);
    port(say, `/container/portMappings(${index})/servicePort`, each.servicePort);
  });
  const names = [...definitions, ...mappings].flatMap((each) => (each.name === undefined ? [] : [each.name]));
  if (new Set(names).size < names.length) {
    say(isHostNetwork(app) ? '/portDefinitions' : '/container/portMappings', 'Port names must be unique.');
  }
  const fixed = definitions.map((each) => each.port).filter((each) => each !== 0);
  if (new Set(fixed).size < fixed.length) say('/portDefinitions', 'Ports must be unique.');
}

function port(say: Say, path: string, value: number): void {
  if (value < 0 || value > 65_535) say(path, 'must be between 0 and 65535');
}

function checkHealth(say: Say, app: Draft): void {
  const count = (isHostNetwork(app) ? app.portDefinitions : app.container?.portMappings)?.length ?? 0;
  if ((app.healthChecks ?? []).filter(isMesosCheck).length > 1)
    say('/healthChecks', 'AppDefinition can contain at most one Mesos health check');
  app.healthChecks?.forEach((check, index) => {
    const path = `/healthChecks(${index})`;
    atLeast(say, `${path}/gracePeriodSeconds`, check.gracePeriodSeconds, 0);
    atLeast(say, `${path}/intervalSeconds`, check.intervalSeconds, 0);
    atLeast(say, `${path}/maxConsecutiveFailures`, check.maxConsecutiveFailures, 0);
    atLeast(say, `${path}/timeoutSeconds`, check.timeoutSeconds, 0);
    if (check.protocol === 'COMMAND' && check.command === undefined) say(`${path}/command`, 'not defined');
    if (check.protocol !== 'COMMAND' && check.port === undefined && (check.portIndex ?? 0) >= count) {
      say(
        path,
        'Health check port indices must address an element of the ports array or container port mappings.',
      );
    }
  });
}
