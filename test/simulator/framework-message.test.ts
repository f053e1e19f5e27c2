/** Messages of executors on the event stream: their bytes, whom they reach, and that Baton passes them by. */
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { marathonVersions } from '../../src/simulator/dialect.ts';
import { startFakeMarathon } from '../marathon/support/fake-marathon.ts';
import { startSynced } from '../marathon/support/watching.ts';
import { until } from '../support/wait.ts';
import { rawClient } from './raw.ts';
import { appOf, type Rig, rig } from './support.ts';

let it: Rig;
const raw = rawClient(() => it.sim.url);
afterEach(async () => {
  raw.close();
  await it.sim.close();
});

async function taskOf(id: string): Promise<string> {
  return (await it.app(id)).tasks[0]?.id ?? '';
}

function send(task: string, body: unknown): ReturnType<Rig['call']> {
  return it.call('POST', `/_sim/tasks/${task}/framework-message`, body);
}

/** The frame of one message, as a client that asked for all events received it. */
async function received(task: string, message: string): Promise<string> {
  const stream = raw.stream();
  await until('attached', () => stream.text().includes('event_stream_attached'));
  const answer = await send(task, { message });
  expect([answer.status, answer.body]).toEqual([200, { tasks: [task] }]);
  const frame = /event: framework_message_event\r\ndata: .*\r\n\r\n/;
  return await until('the message', () => frame.exec(stream.text())?.[0] ?? false);
}

test.each(marathonVersions)(
  '%s writes the bytes as signed numbers, keys in order',
  async (marathonVersion) => {
    it = await rig({ tasks: 'addresses', marathonVersion });
    await it.deploy('POST', '/v2/apps', appOf('/web'));
    const task = await taskOf('/web');
    const agent = '5a1f0000-0000-4000-8000-000000000000-S0';
    expect((await received(task, 'hé')).replace(/"timestamp":"[-0-9T:.]+Z"/, '"timestamp":"T"')).toBe(
      `event: framework_message_event\r\ndata: {"executorId":"${task}","slaveId":"${agent}","message":[104,-61,-87],"eventType":"framework_message_event","timestamp":"T"}\r\n\r\n`,
    );
  },
);

test("an app's own executor is named after the task in Marathon's way", async () => {
  it = await rig({ tasks: 'addresses' });
  await it.deploy('POST', '/v2/apps', appOf('/web', { executor: '/opt/executor' }));
  const task = await taskOf('/web');
  await send(task, { message: '' });
  const event = it.events.find(({ eventType }) => eventType === 'framework_message_event');
  expect(event).toMatchObject({ executorId: `marathon-${task}`, message: [] });
});

test('who asks for other events does not receive it, and nothing else comes of it', async () => {
  it = await rig({ tasks: 'addresses' });
  await it.deploy('POST', '/v2/apps', appOf('/web'));
  const task = await taskOf('/web');
  const other = raw.request(
    'GET /v2/events?event_type=event_stream_attached HTTP/1.1\r\nAccept: text/event-stream',
  );
  await until('attached', () => other.text().includes('event_stream_attached'));
  it.fresh();
  await received(task, 'hello');
  raw.stream();
  await until('a later event', () => other.text().split('event_stream_attached').length > 5);
  expect(other.text()).not.toContain('framework_message_event');
  expect(it.fresh().map(({ eventType }) => eventType)).toEqual(['framework_message_event']);
});

test('a task that is not there, and a body that is none', async () => {
  it = await rig({ tasks: 'addresses' });
  await it.deploy('POST', '/v2/apps', appOf('/web'));
  const missing = await send('nobody', { message: 'x' });
  expect([missing.status, missing.body]).toEqual([404, { message: "Task 'nobody' does not exist" }]);
  expect((await send(await taskOf('/web'), { text: 'x' })).status).toBe(400);
  expect(it.events.some(({ eventType }) => eventType === 'framework_message_event')).toBe(false);
});

test("Baton's client passes it by without a read, also where the filter of types is unknown", async () => {
  it = await rig({ tasks: 'addresses' });
  await it.deploy('POST', '/v2/apps', appOf('/web'));
  const message = await received(await taskOf('/web'), 'hello');

  const old = await startFakeMarathon();
  onTestFinished(() => old.close());
  old.apps.set('/web', await it.app('/web'));
  const watching = await startSynced([old.url]);
  onTestFinished(() => watching.stop());
  await until('its stream', () => old.streams.size === 1);
  const reads = (): number => old.requests.filter(({ path }) => path.startsWith('/v2/apps')).length;
  const before = reads();
  for (const socket of old.streams) socket.write(message);
  // An event that is worth a read shows that the one before it has been passed by.
  old.event('status_update_event', { appId: '/web', eventType: 'status_update_event' });
  await until('the read of the other event', () => reads() > before);
  expect(reads()).toBe(before + 1);
  expect(watching.of('event').map(({ eventType }) => eventType)).toEqual(['status_update_event']);
});
