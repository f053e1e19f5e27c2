/** How `baton status` and `baton explain` show transitions, from the outside. */
import { expect, test } from 'vitest';
import { appId, millis } from '../../src/model/ids.ts';
import type { ServiceVerdict } from '../../src/plan/verdict.ts';
import { widthOf } from '../support/command.ts';
import { ended, unjudged, verdict, view } from '../support/transitions.ts';
import { tellingBaton } from './running.ts';
import { baton } from './verb.ts';

const noon = millis(Date.parse('2026-01-02T12:00:00Z'));
const held = { since: noon, by: 'anna', why: 'the error rate looks odd, and I want to see the logs of it' };
const judged = view({
  step: 2,
  weight: 2500,
  holdEndsAt: millis(Date.now() + 590_000),
  judgement: {
    ...unjudged,
    made: 3,
    failures: 2,
    last: {
      at: noon,
      outcome: 'failure',
      measurements: [
        { what: 'error rate', outcome: 'failure', text: '5 % of 1,204 requests, at most 1 %', value: 0.05 },
        { what: 'endpoints', outcome: 'success', text: '2 of 2 up', value: 2 },
      ],
    },
  },
});

async function shown(words: readonly string[], ...services: readonly ServiceVerdict[]): Promise<string> {
  const url = await tellingBaton({ services });
  const { stdout } = await baton([...words, '--baton', url]);
  expect(widthOf(stdout)).toBeLessThanOrEqual(80);
  return stdout;
}

test('explain: the step, what is left of it, and every measurement', async () => {
  const text = await shown(['explain', 'app1'], verdict({ phase: 'transition', transition: judged }));
  expect(text).toContain(`
  declared by app1
  transition to app1-100 from app1: step 2 of 3 (25 %), holding, 10 min left
    because priority 10 is the highest
    judged 3 times; last: failure, 2 in a row
      error rate (failure): 5 % of 1,204 requests, at most 1 %
      endpoints (success): 2 of 2 up

`);
});

test('explain: who paused it and why, and no time that runs', async () => {
  const text = await shown(
    ['explain', 'app1'],
    verdict({ transition: view({ phase: 'paused', paused: held }) }),
  );
  expect(text).toContain(`
  transition to app1-100 from app1: step 1 of 3 (5 %), paused
    because priority 10 is the highest
    paused by anna at 2026-01-02 12:00:00 UTC: the error rate looks odd, and I
      want to see the logs of it
`);
});

test('explain: how the last one ended, and weights by hand', async () => {
  const manual = {
    ...held,
    why: null,
    weights: [
      { app: appId('app1'), weight: 8000 },
      { app: appId('app1-100'), weight: 2000 },
    ],
  };
  const last = ended({ outcome: 'aborted', endedAt: noon });
  const text = await shown(['explain', 'app1'], verdict({ manual, lastTransition: last }));
  expect(text).toContain(`
  weights set by hand by anna at 2026-01-02 12:00:00 UTC: app1 80 %, app1-100
    20 %
  last transition, to app1-100: aborted at 2026-01-02 12:00:00 UTC
    because priority 10 is the highest
`);
});

test('status: all that is on its way, held up or sent back', async () => {
  const other = (service: string, more: Partial<ServiceVerdict>, state?: 'aborted') => ({
    ...verdict(more, state === undefined ? {} : { '/app1-100': state }),
    service: service as never,
  });
  const text = await shown(
    ['status'],
    other('/a', { transition: judged }),
    other('/b', { transition: view({ phase: 'paused', paused: { ...held, why: null } }) }),
    other('/c', {}),
    other('/d', { manual: { ...held, why: 'a try', weights: [{ app: appId('app1'), weight: 500 }] } }),
    other('/e', { lastTransition: ended({ outcome: 'aborted' }) }, 'aborted'),
  );
  expect(text).toContain(`

transitions
  a: to app1-100 from app1: step 2 of 3 (25 %), holding, 10 min left
    judged 3 times; last: failure, 2 in a row
      error rate (failure): 5 % of 1,204 requests, at most 1 %
      endpoints (success): 2 of 2 up
  b: to app1-100 from app1: step 1 of 3 (5 %), paused
    paused by anna at 2026-01-02 12:00:00 UTC
  d: weights set by hand by anna at 2026-01-02 12:00:00 UTC: app1 5 %; a try
  e: app1-100 was sent back
`);
});

test('status: ten of many', async () => {
  const many = Array.from({ length: 12 }, (_, index) => ({
    ...verdict({ transition: view() }),
    service: `/app${index}` as never,
  }));
  const text = await shown(['status'], ...many);
  expect(text.match(/step 1 of 3/g)).toHaveLength(10);
  expect(text).toContain('\n  and 2 more\n');
});

test('the API says the same in its words', async () => {
  const url = await tellingBaton({
    services: [
      verdict(
        {
          transition: judged,
          lastTransition: ended(),
          manual: { ...held, weights: [{ app: appId('app1'), weight: 7 }] },
        },
        { '/app1-100': 'aborted' },
      ),
    ],
  });
  expect(await (await fetch(`${url}/v1/services/app1`)).json()).toMatchObject({
    transition: {
      phase: 'holding',
      startedAt: '1970-01-01T00:00:01.000Z',
      to: ['/app1-100'],
      from: ['/app1'],
      step: 2,
      steps: 3,
      weight: 25,
      paused: null,
      judgement: { made: 3, failures: 2, last: { at: '2026-01-02T12:00:00.000Z', outcome: 'failure' } },
    },
    lastTransition: { outcome: 'complete', endedAt: '1970-01-01T00:03:20.000Z' },
    manual: { since: '2026-01-02T12:00:00.000Z', by: 'anna', weights: [{ app: '/app1', weight: 0.07 }] },
    pools: [{ app: '/app1-100', aborted: true }, { aborted: false }],
  });
});
