/** A shadow tells of differences that last, and of their end; what cannot be read changes nothing. */
import { expect, it, onTestFinished } from 'vitest';
import { createShadow, type Shadow } from '../../src/controller/shadow.ts';
import type { ControllerState } from '../../src/controller/state.ts';
import { millis } from '../../src/model/ids.ts';
import type { Fact } from '../../src/observe/facts.ts';
import type { SeenServer } from '../../src/plan/shadow/differences.ts';
import { until } from '../support/wait.ts';

const state: ControllerState = {
  marathon: { connected: true, syncedAt: null, heardAt: null, failingSince: null, trouble: null, pending: 0 },
  services: [],
  realised: new Map(),
  diagnostics: [],
  notReady: null,
};

/** Each read is answered by the next of these; the last of them stops the shadow. */
async function compared(
  answers: readonly (readonly string[] | Error)[],
  notReady: readonly (string | null)[] = [],
): Promise<{ readonly facts: readonly Fact[]; readonly shadow: Shadow }> {
  const facts: Fact[] = [];
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  let reads = 0;
  let asked = 0;
  const shadow = createShadow({
    of: 'unix:/s',
    intervalMs: 1,
    async read(): Promise<readonly SeenServer[]> {
      const answer = answers[reads++];
      if (answer === undefined) throw new Error('too many reads');
      if (reads === answers.length) stop.abort();
      if (answer instanceof Error) throw answer;
      return answer.map((backend) => ({ backend, server: 's', status: 'UP' }));
    },
    controller: () => ({ ...state, notReady: notReady[asked++] ?? null }),
    names: () => new Map(),
    clock: () => millis(reads),
    publish: (fact) => facts.push(fact),
  });
  await shadow.run(stop.signal);
  await until('all reads', () => reads === answers.length);
  return { facts, shadow };
}

function words(facts: readonly Fact[]): readonly string[] {
  return facts.map((fact) => {
    if (fact.kind === 'shadow-difference') return `${fact.change} ${fact.difference.backend}`;
    if (fact.kind === 'shadow-compared') return `${fact.differences.length}${fact.changed ? ' changed' : ''}`;
    return fact.kind;
  });
}

it('says nothing of what is gone by the next time', async () => {
  const { facts } = await compared([['a'], [], ['a'], []]);
  expect(words(facts)).toEqual(['0', '0 changed', '0', '0']);
});

it('tells what lasts once, with the time of its beginning, and its end', async () => {
  const { facts, shadow } = await compared([['a'], ['a', 'b'], ['a', 'b'], ['a', 'b']]);
  expect(words(facts)).toEqual(['0', 'raised a', '1 changed', 'raised b', '2 changed', '2']);
  expect(shadow.state()).toMatchObject({
    of: 'unix:/s',
    comparedAt: 4,
    trouble: null,
    differences: [
      { kind: 'backend-only-in-haproxy', backend: 'a', since: 1 },
      { kind: 'backend-only-in-haproxy', backend: 'b', since: 2 },
    ],
  });
  const mended = await compared([['a'], ['a'], [], ['a']]);
  expect(words(mended.facts)).toEqual(['0', 'raised a', '1 changed', 'cleared a', '0 changed', '0']);
});

it('keeps what it knew while the other cannot be read, and says why', async () => {
  const away = new Error('nobody listens there');
  const { facts, shadow } = await compared([['a'], away, ['a'], ['a'], away]);
  expect(words(facts)).toEqual(['0', 'shadow-unreadable', 'raised a', '1 changed', '1']);
  expect(shadow.state()).toMatchObject({ comparedAt: 4, trouble: null, differences: [{ backend: 'a' }] });
});

it('compares nothing before Baton itself is in step', async () => {
  const { facts } = await compared([[], []], ['Marathon has not been read yet', null, null]);
  expect(words(facts)).toEqual(['0', '0 changed']);
});
