/** Each ask is measured once, no more than sixteen at a time, and its answer is kept for as long as it is asked for. */
import { expect, test } from 'vitest';
import { createAsking } from '../../src/controller/asking.ts';
import type { Ask, Measurement } from '../../src/plan/asks.ts';
import { askWith } from '../measure/others.ts';
import { until } from '../support/wait.ts';

interface Measuring {
  readonly id: string;
  readonly signal: AbortSignal;
  end(): void;
}

function rig() {
  const measuring: Measuring[] = [];
  let wakes = 0;
  const asking = createAsking(
    ({ id }, signal) =>
      new Promise<readonly Measurement[]>((resolve) => {
        const end = () => resolve([{ what: id, outcome: 'success', text: id, value: null }]);
        measuring.push({ id, signal, end });
        signal.addEventListener('abort', end);
      }),
    () => {
      wakes += 1;
    },
  );
  return {
    asking,
    measuring,
    wakes: () => wakes,
    answered: () => [...asking.answers().keys()],
    answer: async (id: string): Promise<void> => {
      measuring.find((each) => each.id === id)?.end();
      await until(`${id} is answered`, () => asking.answers().has(id));
    },
  };
}

function asks(...ids: readonly string[]): readonly Ask[] {
  return ids.map((id) => askWith({ id }));
}

test('an ask is measured once, however often it is said, and wakes the loop when it is answered', async () => {
  const { asking, measuring, wakes, answer } = rig();
  asking.ask(asks('a', 'b'));
  asking.ask(asks('a', 'b'));
  expect(measuring.map(({ id }) => id)).toEqual(['a', 'b']);
  expect([asking.answers().size, wakes()]).toEqual([0, 0]);
  await answer('b');
  expect(wakes()).toBe(1);
  expect([...asking.answers()]).toEqual([['b', [{ what: 'b', outcome: 'success', text: 'b', value: null }]]]);
  asking.ask(asks('a', 'b'));
  expect(measuring).toHaveLength(2);
  await answer('a');
  expect(wakes()).toBe(2);
  await asking.close();
});

test('an answer is forgotten when nobody asks any more, and asked for anew when somebody does', async () => {
  const { asking, measuring, answer, answered } = rig();
  asking.ask(asks('a', 'b'));
  await answer('a');
  await answer('b');
  const before = asking.answers();
  asking.ask(asks('b'));
  expect(answered()).toEqual(['b']);
  expect([...before.keys()]).toEqual(['a', 'b']);
  asking.ask(asks('a', 'b'));
  expect(answered()).toEqual(['b']);
  expect(measuring.map(({ id }) => id)).toEqual(['a', 'b', 'a']);
  await asking.close();
});

test('what is under way and asked for no longer is cancelled, and wakes nobody', async () => {
  const { asking, measuring, wakes, answer } = rig();
  asking.ask(asks('a', 'b'));
  asking.ask(asks('b'));
  expect(measuring.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  await answer('b');
  expect(wakes()).toBe(1);
  // The late end of a cancelled one says nothing about the same id asked anew.
  asking.ask(asks('a', 'b'));
  expect(asking.answers().has('a')).toBe(false);
  expect(measuring.map(({ id }) => id)).toEqual(['a', 'b', 'a']);
  await asking.close();
});

test('no more than sixteen are asked at a time, the rest in their order', async () => {
  const { asking, measuring, answer, answered } = rig();
  const ids = Array.from({ length: 40 }, (_, at) => String(at));
  asking.ask(asks(...ids));
  expect(measuring.map(({ id }) => id)).toEqual(ids.slice(0, 16));
  await answer('3');
  await answer('7');
  expect(measuring.map(({ id }) => id)).toEqual(ids.slice(0, 18));
  for (const id of ids) await answer(id === '3' || id === '7' ? '0' : id);
  expect(measuring).toHaveLength(40);
  expect(answered()).toHaveLength(40);
  await asking.close();
});

test('what waits for its turn and is asked for no longer is never asked; what is cancelled makes room when it has ended', async () => {
  const { asking, measuring } = rig();
  const ids = Array.from({ length: 20 }, (_, at) => String(at));
  asking.ask(asks(...ids));
  asking.ask(asks('19'));
  expect(measuring).toHaveLength(16);
  await until('19 is asked', () => measuring.length === 17);
  expect(measuring.at(-1)?.id).toBe('19');
  await asking.close();
});

test('closed, it has cancelled and waited for everything, and asks no more', async () => {
  const { asking, measuring, wakes } = rig();
  asking.ask(asks('a', 'b'));
  await asking.close();
  expect(measuring.every(({ signal }) => signal.aborted)).toBe(true);
  asking.ask(asks('c'));
  expect(measuring).toHaveLength(2);
  expect([asking.answers().size, wakes()]).toEqual([0, 0]);
});
