/** Wishes carried out: each once, as many at a time as agreed, let go when nobody wants them any more. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createFulfilment, type Fulfilment, type Wished } from '../../src/controller/fulfil.ts';
import type { MarathonErrorCode } from '../../src/marathon/error-table.ts';
import { MarathonError } from '../../src/marathon/errors.ts';
import type { Written } from '../../src/marathon/writer.ts';
import { type AppId, appId, millis, serviceOf, taskId } from '../../src/model/ids.ts';
import type { Fact } from '../../src/observe/facts.ts';
import type { Because } from '../../src/plan/because.ts';

interface Call {
  readonly what: string;
  readonly app: AppId;
  readonly signal: AbortSignal;
  end(): Promise<void>;
  fail(error: unknown): Promise<void>;
}

const because: Because = { code: 'draining', text: 'drained', facts: {} };
let calls: Call[];
let facts: Fact[];
let wakes: number;
let now: number;
let fulfilment: Fulfilment;

beforeEach(() => {
  [calls, facts, wakes, now] = [[], [], 0, 1000];
  const called = (what: string, app: AppId, signal: AbortSignal): Promise<Written> =>
    new Promise((resolve, reject) => {
      calls.push({
        what,
        app,
        signal,
        end: () => settled(() => resolve({ app, deployment: 'd' })),
        fail: (error) => settled(() => reject(error instanceof Error ? error : new Error(String(error)))),
      });
      signal.addEventListener('abort', () => reject(new MarathonError('aborted', 'it was cancelled')));
    });
  fulfilment = createFulfilment({
    writer: {
      scale: (app, instances, signal) => called(`scale ${app} ${instances}`, app, signal),
      kill: (app, tasks, signal) => called(`kill ${app} ${tasks.join(',')}`, app, signal),
      delete: (app, signal) => called(`delete ${app}`, app, signal),
    },
    clock: () => millis(now),
    publish: (fact) => facts.push(fact),
    wake: () => {
      wakes += 1;
    },
  });
});

afterEach(async () => {
  vi.restoreAllMocks();
  await fulfilment.close();
});

/** Lets what hangs on a promise run. */
async function settled(action: () => void = () => {}): Promise<void> {
  action();
  await new Promise(setImmediate);
}

function scale(app: string, instances: number, text = 'drained'): Wished {
  const id = appId(app);
  return {
    service: serviceOf(appId('shop')),
    wish: { kind: 'scale', app: id, instances, because: { ...because, text } },
  };
}

const whats = () => calls.map(({ what }) => what);
const state = (app: string) => fulfilment.states().get(appId(app));
const last = (): Call => calls.at(-1) as Call;

test('each kind of wish is one write, told when it is done', async () => {
  const service = serviceOf(appId('shop'));
  const tasks = [taskId('b.2'), taskId('b.1')];
  const wishes: Wished[] = [
    scale('a', 3),
    { service, wish: { kind: 'kill', app: appId('b'), tasks, because } },
    { service, wish: { kind: 'delete', app: appId('c'), because } },
  ];
  fulfilment.want(wishes);
  expect(whats()).toEqual(['scale /a 3', 'kill /b b.2,b.1', 'delete /c']);
  expect(state('b')).toEqual({ wish: wishes[1]?.wish, since: 1000, outcome: 'under-way', problem: null });
  now = 2000;
  for (const call of calls) await call.end();
  expect([...fulfilment.states().values()].map(({ outcome, since }) => [outcome, since])).toEqual(
    wishes.map(() => ['done', 2000]),
  );
  expect(facts).toEqual(wishes.map(({ service, wish }) => ({ kind: 'wish-fulfilled', service, wish })));
  expect(wakes).toBe(3);
});

test('what is wished again is not asked again: not while under way, nor when done, until the picture is late', async () => {
  fulfilment.want([scale('a', 3)]);
  fulfilment.want([scale('a', 3, 'for another reason')]);
  expect(state('a')?.wish.because.text).toBe('for another reason');
  await last().end();
  now += 29_999;
  fulfilment.want([scale('a', 3)]);
  expect(calls).toHaveLength(1);
  now += 1;
  fulfilment.want([scale('a', 3)]);
  expect(calls).toHaveLength(2);
  expect(state('a')).toMatchObject({ outcome: 'done', since: 1000 });
  await last().end();
  expect(facts).toHaveLength(1);
});

test('the same tasks in another order are the same wish', async () => {
  const kill = (...tasks: string[]): Wished => ({
    service: serviceOf(appId('shop')),
    wish: { kind: 'kill', app: appId('a'), tasks: tasks.map(taskId), because },
  });
  fulfilment.want([kill('a.1', 'a.2')]);
  fulfilment.want([kill('a.2', 'a.1')]);
  expect(calls).toHaveLength(1);
  expect(last().signal.aborted).toBe(false);
});

test('what is no longer wished is cancelled and forgotten, without a word', async () => {
  fulfilment.want([scale('a', 3)]);
  fulfilment.want([]);
  expect(last().signal.aborted).toBe(true);
  expect(fulfilment.states().size).toBe(0);
  await settled();
  expect(facts).toEqual([]);
});

test('another wish for the same app waits until the first has let go', async () => {
  vi.spyOn(AbortSignal, 'any').mockImplementationOnce(() => new AbortController().signal);
  fulfilment.want([scale('a', 3)]);
  fulfilment.want([scale('a', 5)]);
  expect(whats()).toEqual(['scale /a 3']);
  expect(state('a')).toMatchObject({ outcome: 'under-way', wish: { instances: 5 } });
  await calls[0]?.end();
  expect(whats()).toEqual(['scale /a 3', 'scale /a 5']);
  expect(facts).toMatchObject([{ kind: 'wish-fulfilled', wish: { instances: 3 } }]);
  expect(state('a')?.outcome).toBe('under-way');
});

test('of two wishes about one app the first counts', () => {
  fulfilment.want([scale('a', 3), scale('a', 0)]);
  expect(whats()).toEqual(['scale /a 3']);
});

test('eight apps at a time, the others after them', async () => {
  const wishes = Array.from({ length: 20 }, (_, index) => scale(`a${index}`, 1));
  fulfilment.want(wishes);
  expect(calls).toHaveLength(8);
  expect(state('a19')?.outcome).toBe('under-way');
  await calls[3]?.end();
  expect(calls).toHaveLength(9);
  expect(last().what).toBe('scale /a8 1');
});

test.each(['unsafe', 'unproven', 'not-found', 'refused', 'exists'] satisfies MarathonErrorCode[])(
  '%s is refused, and not asked again',
  async (code) => {
    fulfilment.want([scale('a', 3)]);
    await last().fail(new MarathonError(code, 'no'));
    expect(state('a')).toMatchObject({ outcome: 'refused', problem: 'no' });
    now += 3_600_000;
    fulfilment.want([scale('a', 3)]);
    expect(calls).toHaveLength(1);
    expect(facts).toMatchObject([{ kind: 'wish-failed', outcome: 'refused', problem: 'no' }]);
    fulfilment.want([scale('a', 4)]);
    expect(calls).toHaveLength(2);
  },
);

test.each([new MarathonError('unreachable', 'away'), new MarathonError('locked', 'away'), new Error('away')])(
  '%s is tried again, later each time, and told once',
  async (error) => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    fulfilment.want([scale('a', 3)]);
    for (const waitMs of [1000, 2000, 4000]) {
      await last().fail(error);
      expect(state('a')).toMatchObject({ outcome: 'failed', since: 1000, problem: 'away' });
      const before = calls.length;
      now += waitMs - 1;
      fulfilment.want([scale('a', 3)]);
      expect(calls).toHaveLength(before);
      now += 1;
      fulfilment.want([scale('a', 3)]);
      expect(calls).toHaveLength(before + 1);
      expect(state('a')?.outcome).toBe('failed');
    }
    expect(facts).toHaveLength(1);
    await last().end();
    expect(state('a')).toMatchObject({ outcome: 'done', problem: null });
    expect(facts.map(({ kind }) => kind)).toEqual(['wish-failed', 'wish-fulfilled']);
  },
);

test('what was let go and may have been done is told', async () => {
  vi.spyOn(AbortSignal, 'any').mockImplementationOnce(() => new AbortController().signal);
  fulfilment.want([scale('a', 3)]);
  fulfilment.want([]);
  await last().fail(new MarathonError('uncertain', 'perhaps it was not'));
  expect(facts).toMatchObject([{ kind: 'wish-failed', problem: 'perhaps it was not' }]);
  expect(fulfilment.states().size).toBe(0);
});

test('each write has a deadline of two minutes', () => {
  const timeout = vi.spyOn(AbortSignal, 'timeout');
  fulfilment.want([scale('a', 3)]);
  expect(timeout.mock.calls).toEqual([[120_000]]);
});

test('closed, it cancels, waits, and begins nothing more', async () => {
  fulfilment.want([scale('a', 3)]);
  await fulfilment.close();
  expect(last().signal.aborted).toBe(true);
  fulfilment.want([scale('b', 3)]);
  expect(calls).toHaveLength(1);
  expect(facts).toEqual([]);
  expect(wakes).toBe(0);
});
