/** Changes of transitions: what differs between two verdicts of a service, as facts, each told once. */
import type { Millis, ServiceId } from '../model/ids.ts';
import type { TransitionFact } from '../observe/transition-facts.ts';
import type { TransitionView } from '../plan/transition/types.ts';
import type { PoolVerdict, ServiceVerdict } from '../plan/verdict.ts';

/** What of a service the facts are about. */
type Seen = Pick<ServiceVerdict, 'transition' | 'lastTransition' | 'manual' | 'pools'>;

/**
 * @param previous null when the service was not there
 * @param begunAt when this Baton began; what a service that it sees first has from before was told by another one
 */
export function transitionChanges(
  previous: ServiceVerdict | null,
  after: ServiceVerdict,
  begunAt: Millis,
): readonly TransitionFact[] {
  const { service } = after;
  const before = previous ?? untold(after, begunAt);
  const isOther = !isSame(before.transition, after.transition);
  return [
    ...endings(before, after),
    ...(isOther
      ? beginnings(service, after.transition)
      : steps(service, before.transition, after.transition)),
    ...pauses(service, isOther ? null : before.transition, after.transition),
    ...judgements(service, isOther ? null : before.transition, after.transition),
    ...phases(service, previous?.transition ?? null, after.transition),
    ...latches(service, before.pools, after.pools),
    ...manuals(before, after),
  ];
}

/** As if seen before, without what has happened since Baton began. */
function untold(service: ServiceVerdict, begunAt: Millis): Seen {
  const { transition, lastTransition, manual, pools } = service;
  return {
    transition: transition !== null && transition.startedAt < begunAt ? transition : null,
    lastTransition: lastTransition !== null && lastTransition.endedAt < begunAt ? lastTransition : null,
    manual: manual !== null && manual.since < begunAt ? manual : null,
    pools,
  };
}

function isSame(a: TransitionView | null, b: TransitionView | null): boolean {
  return a?.startedAt === b?.startedAt && a?.to.join() === b?.to.join();
}

function endings(
  before: Seen,
  { service, lastTransition: ended }: ServiceVerdict,
): readonly TransitionFact[] {
  const old = before.lastTransition;
  if (ended === null || (ended.endedAt === old?.endedAt && ended.startedAt === old.startedAt)) return [];
  const { judged, to: apps } = ended;
  // Of one that is over nobody tells how often it was judged.
  const isNew = judged != null && judged.at !== before.transition?.judgement.last?.at;
  return [
    ...(isNew ? [{ kind: 'judged', service, apps, judged } as const] : []),
    { kind: 'transition-ended', service, ended },
  ];
}

function beginnings(service: ServiceId, view: TransitionView | null): readonly TransitionFact[] {
  if (view === null) return [];
  const { startedAt, to, from, steps, weight, because } = view;
  return [{ kind: 'transition-started', service, startedAt, to, from, steps, weight, because }];
}

function steps(
  service: ServiceId,
  before: TransitionView | null,
  after: TransitionView | null,
): readonly TransitionFact[] {
  if (after === null || after.step === before?.step) return [];
  const { step, steps, weight, because } = after;
  return [{ kind: 'transition-stepped', service, step, steps, weight, because }];
}

function isPaused(view: TransitionView | null): boolean {
  return view !== null && (view.phase === 'paused' || view.paused !== null);
}

function pauses(
  service: ServiceId,
  before: TransitionView | null,
  after: TransitionView | null,
): readonly TransitionFact[] {
  if (after === null) return [];
  const { paused, because, step } = after;
  if (!isPaused(after)) return isPaused(before) ? [{ kind: 'transition-resumed', service, because }] : [];
  // Somebody who pauses where the step itself does is told of, too.
  if (isPaused(before) && before?.paused?.since === paused?.since && before?.step === step) return [];
  return [{ kind: 'transition-paused', service, by: paused?.by ?? null, why: paused?.why ?? null, because }];
}

function judgements(
  service: ServiceId,
  before: TransitionView | null,
  after: TransitionView | null,
): readonly TransitionFact[] {
  const judged = after?.judgement.last ?? null;
  if (after === null || judged === null || judged.at === before?.judgement.last?.at) return [];
  return [{ kind: 'judged', service, apps: after.to, judged }];
}

/** Told by what this Baton has seen itself: times are taken by it. */
function phases(
  service: ServiceId,
  before: TransitionView | null,
  after: TransitionView | null,
): readonly TransitionFact[] {
  const [left, phase] = [before?.phase ?? null, after?.phase ?? null];
  if (left === phase && (phase === null || isSame(before, after))) return [];
  return [{ kind: 'transition-phase-changed', service, left, phase }];
}

function latches(
  service: ServiceId,
  before: readonly PoolVerdict[],
  after: readonly PoolVerdict[],
): readonly TransitionFact[] {
  const was = new Map(before.map(({ app, state }) => [app, state]));
  return after.flatMap(({ app, state, because }): readonly TransitionFact[] => {
    const [isLatched, wasLatched] = [state === 'aborted', was.get(app) === 'aborted'];
    if (isLatched && !wasLatched) return [{ kind: 'latched', service, app, because }];
    return wasLatched && !isLatched ? [{ kind: 'unlatched', service, app }] : [];
  });
}

function manuals(before: Seen, { service, manual }: ServiceVerdict): readonly TransitionFact[] {
  if (JSON.stringify(before.manual) === JSON.stringify(manual)) return [];
  return [manual === null ? { kind: 'manual-released', service } : { kind: 'manual-set', service, manual }];
}
