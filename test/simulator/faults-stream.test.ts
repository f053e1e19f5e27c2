/** Bad days of the event stream on the wire: its connections and its events. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FaultOrder } from '../../src/simulator/faults-schema.ts';
import { until } from '../support/wait.ts';
import { type RawAnswer, rawClient } from './raw.ts';
import { appOf, type Rig, rig } from './support.ts';

let it: Rig;
const client = rawClient(() => it.sim.url);
beforeEach(async () => {
  it = await rig({ heartbeatMs: 30, tasks: 'addresses' });
});
afterEach(async () => {
  client.close();
  await it.sim.close();
});

async function attached(): Promise<RawAnswer> {
  const before = it.sim.subscribers();
  const stream = client.stream();
  await until('attached', () => it.sim.subscribers() > before && stream.text().includes('attached'));
  return stream;
}

const types = (text: string): readonly string[] =>
  [...text.matchAll(/^event: (\S+)\r$/gm)].map((match) => match[1] ?? '');

const heartbeats = (stream: RawAnswer, more: number): Promise<unknown> => {
  const goal = stream.text().length + 2 * more;
  return until('heartbeats', () => stream.text().length >= goal);
};

describe('the stream', () => {
  test.each(['fin', 'reset'] as const)('is dropped with %s; the next one is good', async (how) => {
    const stream = await attached();
    it.sim.faults.set({ kind: 'drop-stream', how });
    await until('the end', () => stream.ended() !== null);
    expect(stream.ended()).toBe(how);
    await until('forgotten', () => it.sim.subscribers() === 0);
    await heartbeats(await attached(), 2);
  });

  test('half-open: not a byte more and no end, not even when all is well again', async () => {
    const stream = await attached();
    it.sim.faults.set({ kind: 'drop-stream', how: 'half-open' });
    const before = stream.text();
    const next = await attached();
    it.sim.faults.clear();
    await it.deploy('POST', '/v2/apps', appOf('/web'));
    it.sim.closeStreams();
    await until('the end of the other', () => next.ended() !== null);
    expect(types(next.text())).toContain('deployment_success');
    expect([stream.text(), stream.ended()]).toEqual([before, null]);
  });

  test('dropped again and again', async () => {
    it.sim.faults.set({ kind: 'drop-stream', everyMs: 20 });
    for (let n = 0; n < 3; n += 1) {
      const stream = client.stream();
      await until('the end', () => stream.ended() !== null);
      expect(stream.ended()).toBe('fin');
    }
    it.sim.faults.clear('drop-stream');
    await heartbeats(await attached(), 3);
  });

  test('hangs, old ones and new ones, and then tells all that it held back', async () => {
    const stream = await attached();
    it.sim.faults.set({ kind: 'hang-stream' });
    const before = stream.text();
    const late = client.stream();
    await until('it is attached', () => it.sim.subscribers() === 2 && late.text() !== '');
    await it.deploy('POST', '/v2/apps', appOf('/web'));
    expect(stream.text()).toBe(before);
    expect(types(late.text())).toEqual([]);
    it.sim.faults.clear('hang-stream');
    await until('both heard', () =>
      [stream, late].every((each) => types(each.text()).includes('deployment_success')),
    );
    expect(types(stream.text()).filter((type) => type === 'deployment_success')).toHaveLength(1);
    await heartbeats(stream, 2);
  });

  test('is refused: a good head and its end', async () => {
    it.sim.faults.set({ kind: 'refuse-stream' });
    const stream = client.stream();
    await until('the end', () => stream.ended() === 'fin');
    expect(stream.text()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*text\/event-stream[^]*\r\n\r\n$/);
    expect(stream.text()).not.toMatch(/content-length|transfer-encoding/i);
    expect(it.sim.subscribers()).toBe(0);
  });

  test('comes byte by byte, and nothing is missing', async () => {
    it.sim.faults.set({ kind: 'split-stream', bytes: 1 });
    const stream = await attached();
    it.fresh();
    await it.deploy('POST', '/v2/apps', appOf('/web', { labels: { name: 'Grüße' } }));
    await heartbeats(stream, 2);
    const text = (): string => Buffer.from(stream.text(), 'latin1').toString('utf8');
    await until('the last event', () => /deployment_success"[^\r]*\r\n/.test(text()));
    const told = [...text().matchAll(/^data: (.*)\r$/gm)].map((match) => match[1]);
    expect(told.slice(1)).toEqual(it.fresh().map((event) => JSON.stringify(event)));
    expect(stream.packets.length).toBeGreaterThan(told.length * 20);
  });
});

describe('events', () => {
  async function told(order: FaultOrder): Promise<readonly string[]> {
    const stream = await attached();
    it.sim.faults.set(order);
    await it.deploy('POST', '/v2/apps', appOf('/web', { instances: 3 }));
    it.sim.faults.clear();
    const { instances } = await it.app('/web');
    expect(instances).toBe(3);
    await it.deploy('DELETE', '/v2/apps/web');
    await until('the end', () => types(stream.text()).includes('app_terminated_event'));
    return types(stream.text()).slice(0, types(stream.text()).indexOf('app_terminated_event'));
  }

  test('are lost, those of the types that are named', async () => {
    const lost = await told({ kind: 'lose-events', probability: 1, types: ['status_update_event'] });
    const cut = lost.slice(0, lost.indexOf('deployment_success'));
    expect(cut).not.toContain('status_update_event');
    expect(cut).toContain('instance_changed_event');
  });

  test('are told twice', async () => {
    const twice = await told({ kind: 'repeat-events', probability: 1 });
    const before = twice.slice(1, twice.indexOf('deployment_success'));
    expect(before.length % 2).toBe(0);
    expect(before.every((type, index) => index % 2 === 0 || type === before[index - 1])).toBe(true);
  });

  test('come in another order, and each of them once', async () => {
    const orders: string[][] = [];
    for (const fault of [undefined, { kind: 'reorder-events', seed: 3, ms: 5000 }] as const) {
      const stream = await attached();
      if (fault !== undefined) it.sim.faults.set(fault);
      await it.deploy('POST', '/v2/apps', appOf('/web', { instances: 2 }));
      it.sim.faults.clear();
      await until('the end', () => types(stream.text()).includes('deployment_success'));
      orders.push(types(stream.text()).filter((type) => !type.startsWith('event_stream')));
      await it.deploy('DELETE', '/v2/apps/web');
    }
    const [straight = [], mixed = []] = orders;
    expect(mixed).not.toEqual(straight);
    expect(mixed.toSorted()).toEqual(straight.toSorted());
  });

  test('the same seed loses the same', async () => {
    const runs: string[] = [];
    for (let run = 0; run < 2; run += 1) {
      const stream = await attached();
      it.sim.faults.set({ kind: 'lose-events', probability: 0.5, seed: 11 });
      for (let n = 0; n < 5; n += 1) await it.deploy('PUT', '/v2/apps/web', { cmd: `v${n}`, instances: 0 });
      it.sim.faults.clear();
      await it.deploy('DELETE', '/v2/apps/web');
      await until('the end', () => types(stream.text()).includes('app_terminated_event'));
      runs.push(types(stream.text()).join(' '));
    }
    expect(runs[1]).toBe(runs[0]);
  });
});
