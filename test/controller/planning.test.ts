/** Services at rest keep their verdicts: the outcome is that of planning everything anew, with less work. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPlanning } from '../../src/controller/planning.ts';
import type { ServiceVerdict } from '../../src/plan/verdict.ts';
import { history } from '../plan/histories/happenings.ts';
import { playHistory } from '../plan/histories/histories.ts';
import { plainSpec } from '../plan/histories/marathon.ts';
import { Stage, type Turned } from '../plan/histories/stage.ts';

/** What is equal is the same object, as in the controller. */
function interned() {
  const known = new Map<string, unknown>();
  const one = <T>(value: T): T => {
    const key = JSON.stringify(value);
    if (!known.has(key)) known.set(key, value);
    return known.get(key) as T;
  };
  return ({ input }: Turned): Turned['input'] => ({
    ...input,
    services: input.services.map(one),
    memory: { services: input.memory.services.map(one) },
    cluster: { apps: new Map([...input.cluster.apps].map(([id, app]) => [id, one(app)])) },
  });
}

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

test(`in random histories from seed ${seed} it plans what a planner without memory of its own does`, async () => {
  await fc.assert(
    fc.asyncProperty(history, async (one) => {
      const planning = createPlanning();
      const intern = interned();
      await playHistory(one, async (turned) => {
        const input = intern(turned);
        expect(await planning.plan(input.services, input)).toEqual(turned.verdict);
      });
    }),
    { numRuns: 10, seed },
  );
}, 120_000);

test('who rests is not planned again; who changes is, and only that one', async () => {
  const turns: Turned[] = [];
  const stage = new Stage({}, (turned) => void turns.push(turned));
  stage.marathon.post('/app1', plainSpec(0), 2);
  stage.marathon.post('/other', plainSpec(0), 2);
  await stage.pass(60_000);
  const last = turns.at(-1);
  if (last === undefined) throw new Error('nothing was planned');
  const planning = createPlanning();
  const input = interned()(last);
  expect(input.services.length).toBeGreaterThan(1);
  const plan = async (more: Partial<Turned['input']> = {}) =>
    (await planning.plan(input.services, { ...input, ...more })).services;
  const same = (a: readonly ServiceVerdict[], b: readonly ServiceVerdict[]) =>
    a.map((verdict, at) => verdict === b[at]);
  const first = await plan();
  expect(new Set(same(first, await plan()))).toEqual(new Set([true]));
  const [gone] = first;
  const observed = { services: new Map(input.observed.services) };
  const seen = gone === undefined ? undefined : observed.services.get(gone.service);
  if (gone === undefined || seen === undefined) throw new Error('nothing is observed');
  const slots = seen.slots.map((slot) => ({ ...slot, sessions: slot.sessions + 1 }));
  observed.services.set(gone.service, { ...seen, slots });
  const after = same(first, await plan({ observed }));
  expect(after).toEqual([false, ...after.slice(1).map(() => true)]);
  const again = await plan();
  planning.forget(gone.service);
  expect(same(again, await plan())).toEqual(after);
});
