/** Events say which apps to read again, and which version to expect. */
import { expect, test } from 'vitest';
import { laterVersion, meaningOf } from '../../src/marathon/events.ts';
import { v1, v2 } from './support/wire.ts';

const plan = (actions: unknown[], version: string | undefined = v2) => ({
  plan: { id: 'p', version, steps: [{ actions }] },
});

test.each<[string, unknown, unknown]>([
  [
    'status_update_event',
    { appId: '/a', taskStatus: 'TASK_RUNNING', version: v1 },
    [{ app: '/a', version: null }],
  ],
  ['instance_changed_event', { runSpecId: '/g/a' }, [{ app: '/g/a', version: null }]],
  ['instance_health_changed_event', { runSpecId: '/a', healthy: null }, [{ app: '/a', version: null }]],
  ['health_status_changed_event', { appId: '/a', alive: true }, [{ app: '/a', version: null }]],
  ['app_terminated_event', { appId: '//a' }, [{ app: '/a', version: null }]],
  [
    'api_post_event',
    { uri: '//v2/apps', appDefinition: { id: '/a', version: v2 } },
    [{ app: '/a', version: v2 }],
  ],
  [
    'deployment_info',
    plan([
      { action: 'RestartApplication', app: '/a' },
      { type: 'ScaleApplication', app: '/b' },
      { action: 'StartPod', pod: '/c' },
    ]),
    [
      { app: '/a', version: v2 },
      { app: '/b', version: v2 },
    ],
  ],
  ['deployment_info', plan([{ action: 'StopApplication', app: '/a' }]), [{ app: '/a', version: null }]],
  ['deployment_failed', plan([{ action: 'RestartApplication', app: '/a' }]), [{ app: '/a', version: null }]],
  ['deployment_success', { plan: { id: 'p', version: v2, steps: [] } }, []],
  ['deployment_info', { plan: 'none' }, []],
  ['framework_message_event', { appId: '/a' }, []],
  ['status_update_event', { appId: 7 }, []],
])('%s %j', (type, data, hints) => {
  expect(meaningOf(type, JSON.stringify(data))).toEqual({ hints, changed: false });
});

test('what is no JSON means nothing, and a group change that announced versions can be read', () => {
  expect(meaningOf('status_update_event', '{"appId":')).toEqual({ hints: [], changed: false });
  expect(meaningOf('group_change_success', '{"groupId":"/"}')).toEqual({ hints: [], changed: true });
});

test('versions compare as times', () => {
  expect(laterVersion(v1, v2)).toBe(v2);
  expect(laterVersion('2024-03-01T10:00:00Z', '2024-03-01T09:59:59.999Z')).toBe('2024-03-01T10:00:00Z');
  expect(laterVersion(null, v1)).toBe(v1);
  expect(laterVersion(null, null)).toBeNull();
});
