/** What is an upgrade and what is only a change of scale; and what a plan makes of it. */
import { describe, expect, test } from 'vitest';
import { isOnlyScaleChange, isUpgrade, needsRestart, sameJson } from '../../src/simulator/compare.ts';
import { complete } from '../../src/simulator/complete.ts';
import type { AppDefinition, AppFields } from '../../src/simulator/definition.ts';
import { dialectOf } from '../../src/simulator/dialect.ts';
import { parseApp } from '../../src/simulator/parse.ts';
import { dependencyLevels } from '../../src/simulator/dependencies.ts';
import { idIn, planSteps, withNewConfig, withVersion } from '../../src/simulator/plan.ts';

const v1 = '2026-01-01T00:00:00.000Z';
const v2 = '2026-01-02T00:00:00.000Z';

function definition(fields: AppFields = {}, id = '/a'): AppDefinition {
  const draft = complete(id, { cmd: 'serve', ...fields }, dialectOf('1.10').defaults);
  return withNewConfig(
    { ...draft, version: v1, versionInfo: { lastScalingAt: v1, lastConfigChangeAt: v1 } },
    v1,
  );
}

const restarting: readonly [string, AppFields][] = [
  ['cmd', { cmd: 'other' }],
  ['args', { args: ['a'] }],
  ['user', { user: 'root' }],
  ['env', { env: { A: '1' } }],
  ['cpus', { cpus: 2 }],
  ['mem', { mem: 256 }],
  ['disk', { disk: 1 }],
  ['gpus', { gpus: 1 }],
  ['executor', { executor: '//cmd' }],
  ['constraints', { constraints: [['hostname', 'UNIQUE']] }],
  ['fetch', { fetch: [{ uri: 'http://x' }] }],
  ['portDefinitions', { portDefinitions: [{ port: 9000, protocol: 'tcp', labels: {} }] }],
  ['requirePorts', { requirePorts: true }],
  ['backoffSeconds', { backoffSeconds: 9 }],
  ['backoffFactor', { backoffFactor: 2 }],
  ['maxLaunchDelaySeconds', { maxLaunchDelaySeconds: 9 }],
  ['container', { container: { type: 'MESOS', volumes: [{}] } }],
  ['check', { check: { tcp: {} } }],
  ['taskKillGracePeriodSeconds', { taskKillGracePeriodSeconds: 9 }],
  ['dependencies', { dependencies: ['/b'] }],
  ['upgradeStrategy', { upgradeStrategy: { minimumHealthCapacity: 0.5, maximumOverCapacity: 1 } }],
  ['labels', { labels: { a: 'b' } }],
  ['acceptedResourceRoles', { acceptedResourceRoles: ['public'] }],
  ['networks', { networks: [{ mode: 'container/bridge' }] }],
  [
    'readinessChecks',
    { readinessChecks: parseApp({ readinessChecks: [{}] }, dialectOf('1.10')).readinessChecks ?? [] },
  ],
  ['secrets', { secrets: { a: {} } }],
  ['unreachableStrategy', { unreachableStrategy: 'disabled' }],
  ['killSelection', { killSelection: 'OLDEST_FIRST' }],
  ['tty', { tty: true }],
  ['role', { role: 'dev' }],
  ['resourceLimits', { resourceLimits: { cpus: 2 } }],
];

describe('isUpgrade', () => {
  test.each(restarting)('a change of %s restarts', (_, change) => {
    const to = definition(change);
    expect(isUpgrade(definition(), to)).toBe(true);
    expect(isOnlyScaleChange(definition(), to)).toBe(false);
    const target = new Map([['/a', withVersion(definition(), to, v2)]]);
    expect(planSteps(new Map([['/a', definition()]]), target, new Map())).toEqual([
      { actions: [{ action: 'RestartApplication', app: '/a' }] },
    ]);
  });

  test('instances and executorResources are not compared', () => {
    expect(isUpgrade(definition(), definition({ instances: 5 }))).toBe(false);
    expect(isUpgrade(definition(), definition({ executorResources: { cpus: 1 } }))).toBe(false);
    expect(isOnlyScaleChange(definition(), definition({ instances: 5 }))).toBe(true);
  });

  test('the order of keys does not matter, that of lists does', () => {
    expect(sameJson({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 })).toBe(true);
    expect(sameJson([1, 2], [2, 1])).toBe(false);
    expect(sameJson({ a: undefined }, {})).toBe(true);
    expect(sameJson({ a: 1 }, { b: 1 })).toBe(false);
    expect(sameJson(null, {})).toBe(false);
  });
});

describe('versions', () => {
  test('a change of scale moves version and lastScalingAt only', () => {
    const scaled = withVersion(definition(), definition({ instances: 3 }), v2);
    expect([scaled.version, scaled.versionInfo]).toEqual([v2, { lastScalingAt: v2, lastConfigChangeAt: v1 }]);
  });

  test('a change of configuration moves both, no change none', () => {
    const changed = withVersion(definition(), definition({ labels: { a: 'b' } }), v2);
    expect(changed.versionInfo).toEqual({ lastScalingAt: v2, lastConfigChangeAt: v2 });
    expect(withVersion(definition(), definition(), v2).version).toBe(v1);
  });

  test('a restart differs by versionInfo alone', () => {
    const restarted = withNewConfig(definition(), v2);
    expect(isUpgrade(definition(), restarted)).toBe(false);
    expect(needsRestart(definition(), restarted)).toBe(true);
  });
});

describe('planSteps', () => {
  const steps = (from: readonly AppDefinition[], to: readonly AppDefinition[]): readonly string[] => {
    const target = new Map(to.map((app) => [app.id, app]));
    const levels = dependencyLevels(target, new Map());
    return planSteps(new Map(from.map((app) => [app.id, app])), target, levels).map((step) =>
      step.actions.map((action) => `${action.action} ${idIn(action)}`).join(', '),
    );
  };
  const changed = (fields: AppFields): AppDefinition => withVersion(definition(), definition(fields), v2);

  test.each([
    ['new', [], [definition()], ['StartApplication /a', 'ScaleApplication /a']],
    ['gone', [definition()], [], ['StopApplication /a']],
    ['nothing', [definition()], [definition()], []],
    ['scaled', [definition()], [changed({ instances: 3 })], ['ScaleApplication /a']],
    [
      'labels and scale',
      [definition()],
      [changed({ instances: 3, labels: { a: 'b' } })],
      ['RestartApplication /a'],
    ],
    [
      'labels at scale zero',
      [definition()],
      [changed({ instances: 0, labels: { a: 'b' } })],
      ['ScaleApplication /a'],
    ],
  ] as const)('%s', (_, from, to, expected) => {
    expect(steps(from, to)).toEqual(expected);
  });

  test('what others depend on goes first', () => {
    const below = definition({}, '/below');
    const above = definition({ dependencies: ['/below'] }, '/above');
    expect(steps([], [above, below])).toEqual([
      'StartApplication /above, StartApplication /below',
      'ScaleApplication /below',
      'ScaleApplication /above',
    ]);
  });
});
