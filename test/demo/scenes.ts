/** Scenes and services for tests of the demo's output, written short. */
import type { PoolView, ServiceView } from '../../src/cli/demo/baton-view.ts';
import type { Scene } from '../../src/cli/demo/screen.ts';
import { appId, serviceOf, type SlotName } from '../../src/model/ids.ts';

export function pool(app: string, slot: string, more: Partial<PoolView> = {}): PoolView {
  return {
    app: appId(app),
    role: 'member',
    priority: 0,
    declaredWeight: null,
    weight: 0,
    realised: null,
    requests: 0,
    state: 'standby',
    aborted: false,
    ready: true,
    because: {
      code: 'lower-priority',
      text: 'stands by: app1-100 (priority 10) carries the traffic',
      facts: {},
    },
    slot: slot as SlotName,
    backend: `app1:${slot}`,
    side: 'A',
    attached: true,
    balance: 'roundrobin',
    sessions: 0,
    endpoints: [],
    ...more,
  };
}

export function endpoint(health: 'up' | 'down', probed: 'passed' | 'pending'): PoolView['endpoints'][number] {
  return {
    task: 'app1.1',
    server: '1',
    legacyName: '127_0_0_1_1',
    host: '127.0.0.1',
    port: 1,
    rotation: 'in',
    health,
    probed,
    current: true,
  } as PoolView['endpoints'][number];
}

export function service(pools: readonly PoolView[], more: Partial<ServiceView> = {}): ServiceView {
  return {
    service: serviceOf(appId('app1')),
    phase: 'settled',
    because: { code: 'only-pool', text: 'app1 is the only version', facts: {} },
    listener: { app: appId('app1'), gone: false, binds: [] },
    ratio: 0,
    realisedSince: null,
    pools: [...pools],
    failover: [],
    transition: null,
    lastTransition: null,
    manual: null,
    ...more,
  };
}

export function scene(more: Partial<Scene> = {}): Scene {
  return {
    elapsedMs: 74_900,
    steps: [
      { title: 'app1 serves', mark: 'done', result: '2,012 requests, 0 failed' },
      { title: 'app1-100 takes over', mark: 'now', result: '' },
      { title: 'app1-200 takes over', mark: 'next', result: '' },
      { title: 'app1 is scaled to 0', mark: 'next', result: '' },
    ],
    action: 'POST /v2/apps app1-100: "ab_config": {"service": "app1", "priority": 10}',
    now: 'counting requests on app1-100: 601 of 2,000',
    address: '127.0.0.1:8080',
    service: null,
    lastSecond: {},
    requests: 0,
    failures: 0,
    p99Ms: 0,
    reloads: 0,
    ...more,
  };
}
