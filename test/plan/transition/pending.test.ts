/** An old instance is asked until it says that it has nothing in progress. */
import { expect, it } from 'vitest';
import { appId, millis, serviceOf, taskId } from '../../../src/model/ids.ts';
import type { AssessedEndpoint } from '../../../src/plan/assess.ts';
import type { Measurement, Outcome } from '../../../src/plan/asks.ts';
import { askPending } from '../../../src/plan/transition/pending.ts';
import type { Leaving } from '../../../src/plan/transition/types.ts';

const begun: Leaving = { task: taskId('app1.t0'), since: millis(0), asked: 0, busyAt: null };
const rule = { path: '/pending', name: null };

function asked(now: number, one: Leaving, answer?: readonly [string, Outcome]) {
  const said: Measurement = { what: '', outcome: answer?.[1] ?? 'error', text: '', value: null };
  return askPending({
    now: millis(now),
    service: serviceOf(appId('app1')),
    rule,
    one,
    app: appId('app1'),
    endpoint: { host: '10.0.0.1', port: 31_000 } as AssessedEndpoint,
    answers: new Map(answer === undefined ? [] : [[answer[0], [said]]]),
  });
}

it('is asked, waited for, and done when it says 0', () => {
  const first = asked(1000, begun);
  expect(first).toMatchObject({ isDone: false, one: begun, wakeAt: null });
  expect(first.ask).toMatchObject({ pending: { host: '10.0.0.1', port: 31_000, rule } });
  expect(asked(1500, begun, [first.ask?.id ?? '', 'success'])).toMatchObject({ isDone: true, ask: null });
});

it.each(['failure', 'error', 'inconclusive'] as const)('is asked again a second after %s', (outcome) => {
  const first = asked(1000, begun);
  const busy = asked(2000, first.one, [first.ask?.id ?? '', outcome]);
  expect(busy).toMatchObject({ isDone: false, ask: null, wakeAt: 3000, one: { busyAt: 2000 } });
  expect(asked(2999, busy.one)).toMatchObject({ ask: null, wakeAt: 3000 });
  const again = asked(3000, busy.one);
  expect(again.one).toEqual({ ...begun, asked: 1, busyAt: null });
  expect(again.ask?.id).not.toBe(first.ask?.id);
});
