/** Which events take which tasks out of rotation, in the forms of all versions of Marathon. */
import { describe, expect, it } from 'vitest';
import { withdrawalOf } from '../../src/marathon/withdrawals.ts';
import type { App } from '../../src/model/app.ts';
import { type AppId, taskId } from '../../src/model/ids.ts';
import { appOf } from '../controller/rig.ts';

const uuid = '0139427f-b042-11e8-9638-0242ac12001f';
const other = '1239427f-b042-11e8-9638-0242ac12001f';
const modern = `shop_web.instance-${uuid}._app.2`;
const older = `shop_web.${uuid}`;

function knowing(task: string): (id: AppId) => App | null {
  const base = appOf('shop/web', {}, 2);
  const tasks = base.tasks.map((each, index) => ({
    ...each,
    id: taskId(index === 0 ? task : `shop_web.${other}`),
  }));
  const app: App = { ...base, tasks };
  return (id) => (id === app.id ? app : null);
}

const app = { appId: '/shop/web', runSpecId: '/shop/web' };

describe('an event takes a task out', () => {
  it.each([
    ['status_update_event', { ...app, taskId: modern, taskStatus: 'TASK_KILLING' }, modern],
    ['status_update_event', { ...app, taskId: modern, taskStatus: 'TASK_FAILED' }, modern],
    ['status_update_event', { ...app, taskId: older, taskStatus: 'TASK_LOST' }, older],
    [
      'instance_changed_event',
      { ...app, instanceId: `shop_web.instance-${uuid}`, condition: 'Killing' },
      modern,
    ],
    [
      'instance_changed_event',
      { ...app, instanceId: `shop_web.marathon-${uuid}`, condition: 'Killed' },
      older,
    ],
    [
      'health_status_changed_event',
      { ...app, instanceId: `shop_web.instance-${uuid}`, alive: false },
      modern,
    ],
    ['health_status_changed_event', { ...app, taskId: older, alive: false }, older],
    [
      'instance_health_changed_event',
      { ...app, instanceId: `shop_web.marathon-${uuid}`, healthy: false },
      older,
    ],
    [
      'unhealthy_instance_kill_event',
      { ...app, taskId: modern, instanceId: `shop_web.instance-${uuid}` },
      modern,
    ],
    ['unhealthy_task_kill_event', { ...app, taskId: older }, older],
  ])('%s %j', (type, event, task) => {
    expect(withdrawalOf(type, JSON.stringify(event), knowing(task))).toEqual({
      app: '/shop/web',
      tasks: [task],
    });
  });
});

describe('an event takes nobody out', () => {
  it.each([
    ['status_update_event', { ...app, taskId: modern, taskStatus: 'TASK_RUNNING' }],
    ['status_update_event', { ...app, taskId: modern, taskStatus: 'TASK_UNREACHABLE' }],
    ['status_update_event', { ...app, taskId: modern.replace('.2', '.1'), taskStatus: 'TASK_FAILED' }],
    ['status_update_event', { appId: '/else', taskId: modern, taskStatus: 'TASK_FAILED' }],
    ['instance_changed_event', { ...app, instanceId: `shop_web.instance-${uuid}`, condition: 'Running' }],
    ['health_status_changed_event', { ...app, instanceId: `shop_web.instance-${uuid}`, alive: true }],
    ['instance_health_changed_event', { ...app, instanceId: `shop_web.instance-${uuid}`, healthy: null }],
    ['deployment_info', { plan: { steps: [] } }],
    ['status_update_event', 'no object'],
  ])('%s %j', (type, event) => {
    expect(withdrawalOf(type, JSON.stringify(event), knowing(modern))).toBeNull();
  });
});
