/** The rules that Marathon holds an app definition to, beyond the shape of its JSON: its `AppValidation`. */
import { type ErrorDetail, notValid } from './api-error.ts';
import type { Draft } from './complete.ts';
import { isHostNetwork, isMesosCheck, type UnreachableStrategy } from './definition.ts';

const idSegment = /^(([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])\.)*([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])$/;
const idPattern =
  "must fully match regular expression '^(([a-z0-9]|[a-z0-9][a-z0-9\\-]*[a-z0-9])\\.)*([a-z0-9]|[a-z0-9][a-z0-9\\-]*[a-z0-9])|(\\.|\\.\\.)$'";
/** Marathon 1.8 and later: such an app could not be reached under /v2/apps. */
const reservedEnds = ['restart', 'tasks', 'versions', '.', '..'];
const portName = /^[a-z0-9-]+$/;
const transports = ['tcp', 'udp'];
const operators = ['UNIQUE', 'CLUSTER', 'GROUP_BY', 'LIKE', 'UNLIKE', 'MAX_PER', 'IS'];

/** @throws ApiError 422 "Object is not valid" that names every broken rule */
export function validate(app: Draft, reservesIdEnds: boolean): void {
  const details: ErrorDetail[] = [];
  const say = (path: string, error: string): void => void details.push({ path, errors: [error] });
  for (const error of idErrors(app.id, reservesIdEnds)) say('/id', error);
  if (app.id === '/') say('/', 'must not be root');
  const has = { cmd: app.cmd !== undefined, args: app.args !== undefined };
  if (has.cmd === has.args && (has.cmd || app.container?.docker === undefined)) {
    say('/', "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.");
  }
  if (app.acceptedResourceRoles?.length === 0) say('/acceptedResourceRoles', 'must not be empty');
  if (app.labels['MARATHON_SINGLE_INSTANCE_APP'] === 'true') checkSingle(say, app);
  checkConstraints(say, app);
  checkUnreachable(say, app.unreachableStrategy);
  checkPorts(say, app);
  checkHealth(say, app);
  checkReadiness(say, app);
  if (details.length > 0) throw notValid(details);
}

type Say = (path: string, error: string) => void;

/** What is wrong with the id of an app or a group. */
export function idErrors(id: string, reservesIdEnds: boolean): readonly string[] {
  if (id === '/') return ['Path must contain at least one path element'];
  const segments = id.split('/').slice(1);
  if (!segments.every((segment) => idSegment.test(segment))) return [idPattern];
  if (!reservesIdEnds || !reservedEnds.includes(segments.at(-1) ?? '')) return [];
  return [`must not end with any of the following reserved keywords: ${reservedEnds.join(', ')}`];
}

function checkSingle(say: Say, { instances, upgradeStrategy }: Draft): void {
  if (instances > 1) say('/', 'Single instance app may only have one instance');
  for (const [name, value] of Object.entries(upgradeStrategy)) {
    if (value !== 0) say(`/upgradeStrategy/${name}`, `got ${fraction(value)}, expected 0.0`);
  }
}

function fraction(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

function checkConstraints(say: Say, { constraints = [] }: Draft): void {
  constraints.forEach((constraint, index) => {
    const [, operator, value] = constraint;
    const error =
      operator === undefined
        ? `illegal constraint specification ${constraint.join(',')}`
        : operators.includes(operator)
          ? errorOfValue(operator, value)
          : `illegal constraint operator ${operator}`;
    if (error !== null) say(`/constraints(${index})`, error);
  });
}

function errorOfValue(operator: string, value: string | undefined): string | null {
  switch (operator) {
    case 'UNIQUE':
      return value === undefined ? null : 'Value specified but not used';
    case 'CLUSTER':
    case 'IS':
      return value === undefined ? 'Missing value' : null;
    case 'LIKE':
    case 'UNLIKE':
      return value === undefined ? 'A regular expression value must be provided' : null;
    default:
      return value === undefined || /^[+-]?\d+$/.test(value)
        ? null
        : 'Value was specified but is not a number';
  }
}

function checkUnreachable(say: Say, strategy: UnreachableStrategy): void {
  if (strategy === 'disabled') return;
  const { inactiveAfterSeconds: inactive, expungeAfterSeconds: expunge } = strategy;
  if (inactive <= expunge) return;
  say('/unreachableStrategy/inactiveAfter', `got ${seconds(inactive)}, expected ${seconds(expunge)} or less`);
}

function seconds(count: number): string {
  return count === 1 ? '1 second' : `${count} seconds`;
}

function checkPorts(say: Say, app: Draft): void {
  const definitions = app.portDefinitions ?? [];
  const mappings = app.container?.portMappings ?? [];
  const lists = [
    ['/portDefinitions', definitions],
    ['/container/portMappings', mappings],
  ] as const;
  for (const [path, ports] of lists) {
    const names = ports.flatMap(({ name }) => (name === undefined ? [] : [name]));
    if (new Set(names).size < names.length) say(path, 'Port names must be unique.');
    ports.forEach(({ name, protocol }, index) => {
      if (!protocol.split(',').every((each) => transports.includes(each)))
        say(`${path}(${index})/protocol`, `is not one of (${transports.join(',')})`);
      if (name === undefined || portName.test(name)) return;
      say(`${path}(${index})/name`, `must fully match regular expression '${portName.source}'`);
    });
  }
  const fixed = definitions.map((each) => each.port).filter((each) => each !== 0);
  if (new Set(fixed).size < fixed.length) say('/portDefinitions', 'Ports must be unique.');
}

function checkHealth(say: Say, app: Draft): void {
  const count = (isHostNetwork(app) ? app.portDefinitions : app.container?.portMappings)?.length ?? 0;
  if ((app.healthChecks ?? []).filter(isMesosCheck).length > 1)
    say('/', 'AppDefinition can contain at most one Mesos health check');
  app.healthChecks?.forEach((check, index) => {
    const path = `/healthChecks(${index})`;
    if (check.protocol === 'COMMAND' && check.command === undefined) say(`${path}/command`, 'not defined');
    // What Mesos checks, Marathon leaves to Mesos.
    if (isMesosCheck(check) || check.port !== undefined || (check.portIndex ?? 0) < count) return;
    say(
      path,
      'Health check port indices must address an element of the ports array or container port mappings.',
    );
  });
}

function checkReadiness(say: Say, app: Draft): void {
  const checks = app.readinessChecks ?? [];
  const names = [...(app.portDefinitions ?? []), ...(app.container?.portMappings ?? [])].map(
    ({ name }) => name,
  );
  if (checks.length > 1) say('/readinessChecks.size', `got ${checks.length}, expected 1 or less`);
  checks.forEach((check, index) => {
    const path = `/readinessChecks(${index})`;
    if (!names.includes(check.portName))
      say(`${path}/portName`, `No port definition reference for portName ${check.portName}`);
    if (check.timeoutSeconds >= check.intervalSeconds)
      say(
        `${path}/timeoutSeconds`,
        `got ${check.timeoutSeconds}, expected less than ${check.intervalSeconds}`,
      );
  });
}
