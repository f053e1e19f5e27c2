/** A client that others wrote, without a thought of Baton, receives the simulator's events. */
import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { expect, onTestFinished, test } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { until } from '../support/wait.ts';
import { appOf, httpCheck } from './support.ts';

type Handler = (name: string, data: Readonly<Record<string, unknown>>) => void;

/** The part of the package's interface that is used here; it brings no types. */
type Client = new (options: {
  readonly marathonHost: string;
  readonly marathonPort: string;
  readonly eventTypes: readonly string[];
  readonly handlers: Readonly<Record<string, Handler>>;
}) => EventEmitter & { subscribe(): void; unsubscribe(): void };

const require = createRequire(import.meta.url);
const MarathonEventBusClient = require('marathon-event-bus-client') as Client;

/** All that it knows; it has never heard of `unhealthy_instance_kill_event` and the posts of the API. */
const eventTypes = [
  'event_stream_attached',
  'group_change_success',
  'deployment_info',
  'deployment_step_success',
  'deployment_success',
  'add_health_check_event',
  'remove_health_check_event',
  'health_status_changed_event',
  'instance_health_changed_event',
  'instance_changed_event',
  'status_update_event',
  'app_terminated_event',
];

test('marathon-event-bus-client receives a life of an app, whole and in order', async () => {
  const simulator = await startSimulator({
    tasks: 'addresses',
    startDelayMs: 5,
    healthSpeed: 1000,
    heartbeatMs: 20,
  });
  onTestFinished(() => simulator.close());
  const seen: { readonly name: string; readonly data: Readonly<Record<string, unknown>> }[] = [];
  const { hostname, port } = new URL(simulator.url);
  const client = new MarathonEventBusClient({
    marathonHost: hostname,
    marathonPort: port,
    eventTypes,
    handlers: Object.fromEntries(
      eventTypes.map((type) => [
        type,
        (name: string, data: Readonly<Record<string, unknown>>) => void seen.push({ name, data }),
      ]),
    ),
  });
  const errors: unknown[] = [];
  client.on('error', (error: unknown) => void errors.push(error));
  client.subscribe();
  onTestFinished(() => client.unsubscribe());
  const count = (name: string): number => seen.filter((each) => each.name === name).length;
  const call = (method: string, path: string, body?: unknown) =>
    fetch(`${simulator.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  await until('its own attachment', () => count('event_stream_attached') === 1);
  // A character of four bytes, and a label as long as several packets.
  const labels = { note: `\u{1F6A6}${'long '.repeat(10_000)}` };
  await call(
    'POST',
    '/v2/apps',
    appOf('/a', { instances: 2, labels, healthChecks: [httpCheck], portDefinitions: [{ port: 0 }] }),
  );
  await until('the deployment to succeed', () => count('deployment_success') === 1, {
    detail: () => seen.map(({ name }) => name),
  });
  await call('DELETE', '/v2/apps/a?force=false');
  await until('the second deployment to succeed', () => count('deployment_success') === 2);

  expect(seen.map(({ name, data }) => [name, data['eventType']])).toEqual(
    seen.map(({ name }) => [name, name]),
  );
  expect(new Set(seen.map(({ name }) => name))).toEqual(new Set(eventTypes));
  const of = (name: string) => seen.filter((each) => each.name === name).map(({ data }) => data);
  expect(
    of('status_update_event')
      .map(({ taskStatus }) => String(taskStatus))
      .slice(0, 4)
      .toSorted((a, b) => a.localeCompare(b)),
  ).toEqual(['TASK_RUNNING', 'TASK_RUNNING', 'TASK_STARTING', 'TASK_STARTING']);
  expect(of('app_terminated_event')).toEqual([expect.objectContaining({ appId: '/a' })]);
  expect(errors).toEqual([]);
  expect(simulator.subscribers()).toBe(1);
});
