/** Facts as log lines: constant messages, data in fields, and a level that fits. */
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { appId, millis, serviceOf } from '../../src/model/ids.ts';
import { ended } from '../support/transitions.ts';
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
    { kind: 'transition-stepped', service, step: 2, steps: 3, weight: 2500, because },
    {
      level: 30,
      msg: 'transition took a step',
      service: '/app1',
      step: 2,
      steps: 3,
      weight: '25 %',
      because: because.text,
      code: because.code,
    },
  ],
  [
    { kind: 'transition-paused', service, by: 'anna', why: 'lunch', because },
    {
      level: 30,
      msg: 'transition paused',
      service: '/app1',
      by: 'anna',
      why: 'lunch',
      because: because.text,
      code: because.code,
    },
  ],
  [
    { kind: 'transition-ended', service, ended: ended({ outcome: 'aborted' }) },
    {
      level: 40,
      msg: 'transition ended',
      service: '/app1',
      outcome: 'aborted',
      to: ['/app1-100'],
      durationMs: 199_000,
      because: 'priority 10 is the highest',
      code: because.code,
    },
  ],
  [
    {
      kind: 'judged',
      service,
      apps: [app100],
      judged: {
        at: millis(1),
        outcome: 'inconclusive',
        measurements: [
          { what: 'error rate', outcome: 'inconclusive', text: '7 of 50 requests', value: null },
          { what: 'endpoints', outcome: 'success', text: '2 of 2 up', value: 2 },
        ],
      },
    },
    {
      level: 30,
      msg: 'judged the new version',
      service: '/app1',
      apps: ['/app1-100'],
      outcome: 'inconclusive',
      measured: 'error rate: 7 of 50 requests; endpoints: 2 of 2 up',
    },
  ],
  [
    {
      kind: 'manual-set',
      service,
      manual: { since: millis(1), by: 'anna', why: null, weights: [{ app: app1, weight: 2000 }] },
    },
    {
      level: 40,
      msg: 'weights set by hand',
      service: '/app1',
      by: 'anna',
      why: null,
      weights: { '/app1': '20 %' },
    },
  ],
  [
    {
      kind: 'ordered',
      order: { service, command: { verb: 'promote', full: true }, by: 'anna', why: null },
      obeyed: { outcome: 'refused', problem: 'no transition is under way' },
    },
    {
      level: 30,
      msg: 'order received',
      service: '/app1',
      verb: 'promote',
      full: true,
      by: 'anna',
      why: null,
      outcome: 'refused',
      problem: 'no transition is under way',
    },
  ],
  [
    {
      kind: 'wish-failed',
      service,
      wish: { kind: 'scale', app: app100, instances: 3, because },
      outcome: 'refused',
      problem: 'no',
    },
    {
      level: 50,
      msg: 'a change at Marathon failed',
      service: '/app1',
      wish: 'scale',
      app: '/app1-100',
      instances: 3,
      because: because.text,
      code: because.code,
      outcome: 'refused',
      problem: 'no',
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

it('tells the troubles of several addresses that are tried in turn once each', () => {
  const levels: unknown[] = [];
  const observe = createLogObserver(
    pino(
      { level: 'debug' },
      { write: (text: string) => levels.push((JSON.parse(text) as { level: number }).level) },
    ),
  );
  const lost = (url: string): Fact => ({ kind: 'marathon-disconnected', url, reason: `nobody at ${url}` });
  for (const fact of [
    lost('http://a'),
    lost('http://b'),
    lost('http://a'),
    lost('http://b'),
    { kind: 'marathon-connected', url: 'http://a' },
    lost('http://b'),
  ] as const) {
    observe(fact);
  }
  expect(levels).toEqual([40, 40, 20, 20, 30, 40]);
});

it('tells of what is well when it ends a trouble, and then no more', () => {
  const levels: unknown[] = [];
  const observe = createLogObserver(
    pino(
      { level: 'debug' },
      { write: (text: string) => levels.push((JSON.parse(text) as { level: number }).level) },
    ),
  );
  const read: Fact = { kind: 'marathon-synced', reason: 'periodic', apps: 1, tasks: 1, durationMs: 1 };
  for (const fact of [
    read,
    { kind: 'marathon-sync-failed', reason: 'periodic', app: null, problem: 'answered 500' },
    read,
    read,
  ] as const) {
    observe(fact);
  }
  expect(levels).toEqual([20, 40, 30, 20]);
});

it('says nothing of a turn that changed nothing', () => {
  expect(logged({ kind: 'counted', requests: [] })).toBeUndefined();
  expect(
    logged({ kind: 'reconciled', durationMs: 1, changes: 0, services: [], diagnostics: [] }),
  ).toBeUndefined();
});
