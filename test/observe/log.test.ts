/** Facts as log lines: constant messages, data in fields, and a level that fits. */
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { appId, serviceOf } from '../../src/model/ids.ts';
import type { Fact } from '../../src/observe/facts.ts';
import { createLogObserver } from '../../src/observe/log.ts';

function logged(fact: Fact): Record<string, unknown> | undefined {
  const out: string[] = [];
  createLogObserver(
    pino({ level: 'debug', base: null, timestamp: false }, { write: (line: string) => out.push(line) }),
  )(fact);
  return out.map((line) => JSON.parse(line) as Record<string, unknown>)[0];
}

const because = {
  code: 'highest-priority',
  text: 'priority 10 is the highest that can serve',
  facts: {},
} as const;
const app1 = appId('app1');
const app100 = appId('app1-100');
const service = serviceOf(app1);

it.each<[Fact, Record<string, unknown>]>([
  [
    {
      kind: 'traffic-moved',
      service,
      from: { [app1]: 10_000 },
      to: { [app100]: 9950, [app1]: 50 },
      because,
    },
    {
      level: 30,
      msg: 'traffic moved',
      service: '/app1',
      from: { '/app1': '100 %' },
      to: { '/app1-100': '99.5 %', '/app1': '0.5 %' },
      because: because.text,
      code: because.code,
    },
  ],
  [
    { kind: 'phase-changed', service, phase: 'failed-over', because },
    {
      level: 40,
      msg: 'service changed phase',
      service: '/app1',
      phase: 'failed-over',
      because: because.text,
      code: because.code,
    },
  ],
  [
    { kind: 'marathon-disconnected', url: 'http://m', reason: 'silent' },
    {
      level: 40,
      msg: 'not connected to Marathon; traffic goes on as it was',
      url: 'http://m',
      reason: 'silent',
    },
  ],
  [
    { kind: 'dataplane-died', pid: 7 },
    { level: 50, msg: 'HAProxy died; starting it again', haproxyPid: 7 },
  ],
  [
    { kind: 'marathon-event', eventType: 'x' },
    { level: 20, msg: 'event from Marathon', eventType: 'x' },
  ],
])('%j', (fact, line) => {
  expect(logged(fact)).toEqual(line);
});

it('tells a trouble that lasts once, and again after it had ended', () => {
  const levels: unknown[] = [];
  const observe = createLogObserver(
    pino(
      { level: 'debug' },
      { write: (text: string) => levels.push((JSON.parse(text) as { level: number }).level) },
    ),
  );
  const lost: Fact = { kind: 'marathon-disconnected', url: 'http://m', reason: 'refused' };
  for (const fact of [
    lost,
    lost,
    { ...lost, reason: 'silent' },
    { kind: 'marathon-connected', url: 'http://m' },
    lost,
  ] as const) {
    observe(fact);
  }
  expect(levels).toEqual([40, 20, 40, 30, 40]);
});

it('says nothing of a turn that changed nothing', () => {
  expect(logged({ kind: 'counted', requests: [] })).toBeUndefined();
  expect(
    logged({ kind: 'reconciled', durationMs: 1, changes: 0, services: [], diagnostics: [] }),
  ).toBeUndefined();
});
