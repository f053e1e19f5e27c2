/** What each key of `ab_config` makes of a pool, and what a pool is without any. */
import { expect, test } from 'vitest';
import { declare } from '../../src/declared/declare.ts';
import { type AnalysisRule, plainRollout, type Rollout } from '../../src/declared/rollout.ts';
import { type DeclaredPool, plainReady } from '../../src/declared/types.ts';
import { app1, cluster, member, noOptions } from './cluster.ts';

/** What an `analysis` holds that says nothing. */
const plainAnalysis: AnalysisRule = {
  maxErrorRate: null,
  maxP95Ms: null,
  minRequests: 50,
  intervalMs: 10_000,
  failureLimit: 2,
  inconclusiveLimit: 0,
  prometheus: [],
  webhook: null,
};

/** The whole rollout, so that nothing else may differ from the defaults. */
function rollout(declared: Partial<Rollout>): Pick<DeclaredPool, 'rollout'> {
  return { rollout: { ...plainRollout, ...declared } };
}

function poolWith(keys: Readonly<Record<string, unknown>>): DeclaredPool | undefined {
  const version = {
    ...member('/app1-100', { service: 'app1', ...keys }),
    ports: [{}, { name: 'admin' }],
  };
  const { diagnostics, services } = declare(cluster(app1, version), [], noOptions);
  expect(diagnostics).toEqual([]);
  return services[0]?.pools.find(({ app }) => app === '/app1-100');
}

test.each([
  ['port', 1, { portIndex: 1 }],
  ['port', 'admin', { portIndex: 1 }],
  ['priority', -2, { priority: -2 }],
  ['weight', 0, { weight: 0 }],
  ['ready', { instances: 3 }, { ready: { instances: { count: 3 }, forMs: 0 } }],
  ['ready', { for: '1m' }, { ready: { instances: { percent: 100 }, forMs: 60_000 } }],
  ['failover', false, { failover: false }],
  ['drain', { then: 'keep' }, { drain: { timeoutMs: 600_000, then: 'keep' } }],
  ['drain', { timeout: '5s' }, { drain: { timeoutMs: 5000, then: 'close' } }],
  [
    'steps',
    [{ weight: 5, hold: '2m' }, { pause: true }, { analysis: true, hold: '5m' }],
    rollout({
      steps: [
        { weight: 5, holdMs: 120_000, pause: false, analysis: false },
        { weight: null, holdMs: 0, pause: true, analysis: false },
        { weight: null, holdMs: 300_000, pause: false, analysis: true },
      ],
    }),
  ],
  ['strategy', 'rolling', rollout({ strategy: 'rolling' })],
  ['ready', { within: '1h' }, { ready: { ...plainReady, withinMs: 3_600_000 } }],
  ['ready', { keep: 0, grace: '1s' }, { ready: { ...plainReady, keep: { count: 0 }, graceMs: 1000 } }],
  ['ready', { keep: '75%' }, { ready: { ...plainReady, keep: { percent: 75 } } }],
  ['analysis', {}, rollout({ analysis: plainAnalysis })],
  ['analysis', { maxErrorRate: 0.05 }, rollout({ analysis: { ...plainAnalysis, maxErrorRate: 0.05 } })],
  ['analysis', { maxP95Ms: 250 }, rollout({ analysis: { ...plainAnalysis, maxP95Ms: 250 } })],
  ['analysis', { minRequests: 5 }, rollout({ analysis: { ...plainAnalysis, minRequests: 5 } })],
  ['analysis', { interval: '1m' }, rollout({ analysis: { ...plainAnalysis, intervalMs: 60_000 } })],
  ['analysis', { failureLimit: 0 }, rollout({ analysis: { ...plainAnalysis, failureLimit: 0 } })],
  ['analysis', { inconclusiveLimit: 3 }, rollout({ analysis: { ...plainAnalysis, inconclusiveLimit: 3 } })],
  [
    'analysis',
    {
      prometheus: [
        { query: 'up{app="{{app}}"}', min: 1 },
        { query: 'up', max: 2, against: 'old' },
      ],
    },
    rollout({
      analysis: {
        ...plainAnalysis,
        prometheus: [
          { query: 'up{app="{{app}}"}', min: 1, max: null, againstOld: false },
          { query: 'up', min: null, max: 2, againstOld: true },
        ],
      },
    }),
  ],
  [
    'analysis',
    { webhook: { url: 'http://judge/' } },
    rollout({ analysis: { ...plainAnalysis, webhook: { url: 'http://judge/', onError: 'hold' } } }),
  ],
  [
    'analysis',
    { webhook: { url: 'http://judge/', onError: 'abort' } },
    rollout({ analysis: { ...plainAnalysis, webhook: { url: 'http://judge/', onError: 'abort' } } }),
  ],
  [
    'match',
    { header: ['X-Version', '1.1'] },
    rollout({ match: { kind: 'header', name: 'X-Version', value: '1.1' } }),
  ],
  [
    'match',
    { cookie: ['version', '1.1'] },
    rollout({ match: { kind: 'cookie', name: 'version', value: '1.1' } }),
  ],
  ['affinity', 'cookie', rollout({ affinity: 'cookie' })],
  ['capacity', 'match', rollout({ capacity: 'match' })],
  [
    'pending',
    { path: '/metrics', name: 'pending_operations' },
    rollout({ pending: { path: '/metrics', name: 'pending_operations' } }),
  ],
  ['pending', { path: '/pending' }, rollout({ pending: { path: '/pending', name: null } })],
  ['retire', 'scale-to-zero', rollout({ retire: 'scale-to-zero' })],
  ['retire', 'delete', rollout({ retire: 'delete' })],
  ['retireAfter', '0s', rollout({ retireAfterMs: 0 })],
] as const)('%s %j is carried out', (key, value, expected) => {
  expect(poolWith({ [key]: value })).toMatchObject(expected);
});

test('without a key everything is as its row says', () => {
  expect(poolWith({})).toEqual({
    app: '/app1-100',
    portIndex: 0,
    role: 'member',
    priority: 0,
    weight: null,
    balance: 'leastconn',
    ready: {
      instances: { percent: 100 },
      forMs: 0,
      withinMs: 600_000,
      keep: { percent: 50 },
      graceMs: 30_000,
    },
    failover: true,
    drain: { timeoutMs: 600_000, then: 'close' },
    rollout: {
      steps: [{ weight: 100, holdMs: 0, pause: false, analysis: false }],
      strategy: 'switch',
      analysis: null,
      match: null,
      affinity: 'none',
      capacity: 'fixed',
      pending: null,
      retire: 'keep',
      retireAfterMs: 300_000,
    },
  });
});
