/** What the check of an endpoint comes to, from what HAProxy says of its server. */
import { expect, test } from 'vitest';
import { observedFrom } from '../../../src/dataplane/haproxy/observed.ts';
import type { Service } from '../../../src/dataplane/haproxy/state.ts';
import { plainListener, plainRules } from '../../../src/declared/types.ts';
import { noDurations } from '../../../src/model/latency.ts';
import type { AppId, ServerName, ServiceId, SlotName } from '../../../src/model/ids.ts';

const check = { kind: 'http', path: '/', port: null, intervalMs: 5000, timeoutMs: 5000, fall: 3 } as const;

function serviceWith(rotation: 'in' | 'hold'): Service {
  const name = 's1' as ServerName;
  return {
    id: '/app' as ServiceId,
    name: 'app',
    listeners: [plainListener(80, 80)],
    rules: plainRules,
    matches: [],
    conditions: [],
    affinity: false,
    cookie: false,
    slots: [
      {
        slot: 'a' as SlotName,
        app: '/app' as AppId,
        mode: 'http',
        balance: 'roundrobin',
        checkKind: 'http',
        templates: [],
        servers: new Map([[name, { name, address: '127.0.0.1', port: 80, check, rotation }]]),
      },
    ],
    weights: [],
    failover: [],
    noFailover: [],
    removed: false,
  };
}

test.each([
  ['UP', 'INI', 'pending', 'passed'],
  ['UP', '', 'pending', 'passed'],
  ['UP', 'L7OK', 'passed', 'passed'],
  ['UP', '* L4OK', 'passed', 'passed'],
  ['UP', 'L7OKC', 'passed', 'passed'],
  // Came up with the configuration, and its first probe has failed: it is not down yet.
  ['UP 2/3', 'L4CON', 'pending', 'passed'],
  ['UP 1/3', '* L7STS', 'pending', 'passed'],
  ['DOWN', 'L4CON', 'failed', 'failed'],
  ['DOWN', 'INI', 'pending', 'pending'],
  ['DOWN 1/2', 'L7OK', 'pending', 'failed'],
  ['', '', 'pending', 'pending'],
])('%s after %j: %s on hold, %s in rotation', async (status, probe, onHold, inRotation) => {
  const row = { pxname: 'app:a', svname: 's1', type: '2', status, check_status: probe };
  const found = async (rotation: 'in' | 'hold') => {
    const { services } = await observedFrom({
      services: [serviceWith(rotation)],
      maps: { split: new Map() },
      statistics: [row],
      sessions: new Map(),
      counted: () => ({ requests: 0, errors: 0, durations: noDurations }),
    });
    return services.get('/app' as ServiceId)?.slots[0]?.endpoints.get('s1' as ServerName)?.check;
  };
  expect([await found('hold'), await found('in')]).toEqual([onHold, inRotation]);
});
