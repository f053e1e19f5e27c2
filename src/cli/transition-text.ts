/** Transitions as text for an 80-column terminal: the step, what it waits for, who holds it up, and how it was judged. */
import { nameOf } from '../plan/reasons.ts';
import type { ShownService } from './planning/shown.ts';
import type { ShownManual, ShownTransition } from './planning/shown-transitions.ts';
import { clockText, indented, percentText } from './text.ts';

/** In the status; the rest is counted. */
const mostShown = 10;

/** What of one service there is to tell, below its name. @param at now, by the clock of who tells */
export function transitionLines(service: ShownService, at: number | null): readonly string[] {
  const { transition, lastTransition, manual } = service;
  return [
    ...(transition === null
      ? []
      : [
          ...indented(2, `transition ${wayText(transition, at)}`, 2),
          ...indented(4, `because ${transition.because.text}`, 2),
          ...detailLines(transition),
        ]),
    ...(manual === null ? [] : indented(2, manualText(manual), 2)),
    ...(lastTransition === null
      ? []
      : [
          ...indented(
            2,
            `last transition, to ${names(lastTransition.to)}: ${lastTransition.outcome} at ${clockText(lastTransition.endedAt)}`,
            2,
          ),
          ...indented(4, `because ${lastTransition.because.text}`, 2),
        ]),
  ];
}

/** Of all services: those on their way, held up, set by hand, or sent back. */
export function movingLines(services: readonly ShownService[], at: number | null): readonly string[] {
  const parts = services.map((service) => movingOf(service, at)).filter((lines) => lines.length > 0);
  if (parts.length === 0) return [];
  const more = parts.length - mostShown;
  return [
    '',
    'transitions',
    ...parts.slice(0, mostShown).flat(),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

function movingOf(service: ShownService, at: number | null): readonly string[] {
  const { transition, manual, pools } = service;
  const name = nameOf(service.service);
  const aborted = pools.filter((pool) => pool.aborted);
  return [
    ...(transition === null
      ? []
      : [...indented(2, `${name}: ${wayText(transition, at)}`, 2), ...detailLines(transition)]),
    ...(manual === null ? [] : indented(2, `${name}: ${manualText(manual)}`, 2)),
    ...aborted.flatMap((pool) => [
      ...indented(2, `${name}: ${nameOf(pool.app)} was sent back`, 2),
      ...indented(4, `because ${pool.because.text}`, 2),
    ]),
  ];
}

function wayText(transition: ShownTransition, at: number | null): string {
  const { to, from, step, steps, weight, phase, holdEndsAt, paused } = transition;
  const left = holdEndsAt === null || paused !== null ? '' : `, ${leftText(holdEndsAt, at)}`;
  const way = `to ${names(to)}${from.length === 0 ? '' : ` from ${names(from)}`}`;
  return `${way}: step ${step} of ${steps} (${percentText(weight)}), ${phase}${left}`;
}

function detailLines({ paused, judgement }: ShownTransition): readonly string[] {
  const { made, failures, inconclusive, errors, last } = judgement;
  const held =
    paused === null
      ? []
      : indented(
          4,
          `paused by ${paused.by} at ${clockText(paused.since)}${paused.why === null ? '' : `: ${paused.why}`}`,
          2,
        );
  if (last === null) return held;
  const inRow = { failure: failures, inconclusive, error: errors }[last.outcome] ?? 1;
  const times = inRow > 1 ? `, ${inRow} in a row` : '';
  const measured = last.measurements.map(({ what, outcome, text }) => `${what} (${outcome}): ${text}`);
  return [
    ...held,
    ...indented(4, `judged ${made === 1 ? 'once' : `${made} times`}; last: ${last.outcome}${times}`, 2),
    ...measured.flatMap((text) => indented(6, text, 2)),
  ];
}

function manualText({ by, since, why, weights }: ShownManual): string {
  const shares = weights.map(({ app, weight }) => `${nameOf(app)} ${percentText(weight)}`).join(', ');
  return `weights set by hand by ${by} at ${clockText(since)}: ${shares}${why === null ? '' : `; ${why}`}`;
}

function names(apps: readonly string[]): string {
  return apps.map(nameOf).join(', ');
}

function leftText(endsAt: string, at: number | null): string {
  if (at === null) return `until ${clockText(endsAt)}`;
  const seconds = Math.max(0, Math.ceil((Date.parse(endsAt) - at) / 1000));
  if (seconds < 120) return `${seconds} s left`;
  return seconds < 7200 ? `${Math.ceil(seconds / 60)} min left` : `${Math.ceil(seconds / 3600)} h left`;
}
