/** What an old instance says itself of how many operations it has in progress, before it is killed. */
import type { PendingRule } from '../../declared/rollout.ts';
import { type AppId, type Millis, millis, type ServiceId } from '../../model/ids.ts';
import type { AssessedEndpoint } from '../assess.ts';
import type { Answers, Ask } from '../asks.ts';
import type { Leaving } from './types.ts';

/** How long after it said that it has some, or could not say, it is asked again, ms. */
const againMs = 1000;

interface Pending {
  readonly now: Millis;
  readonly service: ServiceId;
  readonly rule: PendingRule;
  readonly one: Leaving;
  readonly app: AppId;
  readonly endpoint: AssessedEndpoint;
  readonly answers: Answers;
}

interface AskedPending {
  readonly one: Leaving;
  readonly ask: Ask | null;
  readonly wakeAt: Millis | null;
  readonly isDone: boolean;
}

export function askPending(pending: Pending): AskedPending {
  const { now, service, rule, app, endpoint, answers } = pending;
  const { busyAt, asked } = pending.one;
  const again = busyAt === null ? null : millis(busyAt + againMs);
  if (again !== null && now < again) return { one: pending.one, ask: null, wakeAt: again, isDone: false };
  const one = again === null ? pending.one : { ...pending.one, asked: asked + 1, busyAt: null };
  const id = `${service} ${one.task} pending ${one.asked}`;
  const heard = answers.get(id);
  if (heard?.every(({ outcome }) => outcome === 'success') === true) {
    return { one, ask: null, wakeAt: null, isDone: true };
  }
  if (heard !== undefined) {
    return { one: { ...one, busyAt: now }, ask: null, wakeAt: millis(now + againMs), isDone: false };
  }
  const { host, port } = endpoint;
  const ask: Ask = {
    id,
    service,
    judged: { app, backend: '', slot: '' },
    old: null,
    prometheus: [],
    webhook: null,
    pending: { host, port, rule },
    told: {},
  };
  return { one, ask, wakeAt: null, isDone: false };
}
