/** A consumer that does not read: what it loses, or whether it is cut off, is a matter of the version. */
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { dialectOf, type MarathonVersion } from '../../src/simulator/dialect.ts';
import { createEventHub } from '../../src/simulator/event-hub.ts';
import { createTimers } from '../../src/simulator/timers.ts';

/** As much of a response as the hub needs; takes one write at a time. */
class SlowResponse extends EventEmitter {
  readonly socket = null;
  readonly frames: string[] = [];
  destroyed = false;
  full = true;
  setHeader(): void {}
  flushHeaders(): void {}
  write(frame: string): boolean {
    this.frames.push(frame);
    return !this.full;
  }
  destroy(): void {
    this.destroyed = true;
  }
  /** Reads all from now on. */
  drain(): void {
    this.full = false;
    this.emit('drain');
  }
}

function publish(version: MarathonVersion, count: number): { slow: SlowResponse; subscribers: number } {
  const timers = createTimers(() => {});
  onTestFinished(() => timers.close());
  const { slowConsumer } = dialectOf(version);
  const hub = createEventHub({ heartbeatMs: 60_000, timers, now: Date.now, slowConsumer });
  const slow = new SlowResponse();
  hub.attach(slow as unknown as ServerResponse, '127.0.0.1', []);
  for (let n = 1; n <= count; n += 1) hub.publish({ eventType: 'test', n });
  return { slow, subscribers: hub.subscribers() };
}

test.each([
  ['1.4', 50],
  ['1.7', 1024],
] as const)('%s drops in silence what comes after %i that wait', (version, most) => {
  const { slow, subscribers } = publish(version, most + 10);
  expect([slow.destroyed, subscribers, slow.frames.length]).toEqual([false, 1, 1]);
  slow.drain();
  expect(slow.frames).toHaveLength(1 + most);
  expect(slow.frames.at(-1)).toContain(`"n":${most}`);
});

test('1.10 disconnects with the 1,025th that would wait', () => {
  expect(publish('1.10', 1024)).toMatchObject({ subscribers: 1, slow: { destroyed: false } });
  expect(publish('1.10', 1025)).toMatchObject({ subscribers: 0, slow: { destroyed: true } });
});
