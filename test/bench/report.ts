/** The outcome of a run: a Markdown table for people, JSON for comparing runs. */
import type { Measured } from './measure.ts';
import type { Machine, Spread } from './numbers.ts';

export interface Report {
  readonly machine: Machine;
  readonly baton: string;
  readonly repetitions: number;
  readonly results: readonly Measured[];
}

type Row = readonly [what: string, value: (result: Measured) => string];

const rows: readonly Row[] = [
  ['first sync: all endpoints in HAProxy', ({ firstSync }) => `${firstSync.present} ms`],
  ['first sync: all endpoints take requests', ({ firstSync }) => `${firstSync.serving} ms`],
  ['endpoint lost (p50 / p99 / max)', ({ endpointLost }) => times(endpointLost)],
  ['endpoint added, being checked', ({ endpointAdded }) => times(endpointAdded)],
  ['endpoint added, takes requests', ({ endpointServing }) => times(endpointServing)],
  ['whole pool moved', ({ poolMoved }) => times(poolMoved)],
  ['abort confirmed by read-back', ({ abortConfirmed }) => times(abortConfirmed)],
  ['resync after a reconnect', ({ resync }) => times(resync)],
  ['resident memory (peak)', ({ residentMb, peakMb }) => `${residentMb} MB (${peakMb} MB)`],
  ['CPU per 1,000 events', ({ cpuPer1000Events, events }) => `${cpuPer1000Events} s (of ${events})`],
  [
    '1,000 events a second: lag at first and last',
    ({ sustained }) =>
      sustained === null
        ? '-'
        : `${sustained.firstSecondLag} and ${sustained.lastSecondLag} ms (${sustained.eventsPerSecond}/s for ${sustained.seconds} s, CPU ${sustained.cpu} %)`,
  ],
  ['CPU at rest', ({ cpuAtRest }) => `${cpuAtRest} % of a core`],
];

export function markdownOf({ machine, baton, repetitions, results }: Report): string {
  const lines = [
    `Baton ${baton}, Node ${machine.node}, HAProxy ${machine.haproxy}, Linux ${machine.kernel}`,
    `${machine.processor}, ${machine.cores} cores, ${machine.memoryMb} MB; load ${machine.load} when the run began`,
    `${repetitions} repetitions; times from an event's bytes to HAProxy's state`,
  ];
  for (const apps of new Set(results.map((result) => result.apps))) {
    const sized = results.filter((result) => result.apps === apps);
    lines.push('', `### ${apps} services, ${sized[0]?.tasks ?? 0} tasks`, '');
    lines.push(`| | ${sized.map(({ controller }) => controller).join(' | ')} |`);
    lines.push(`| --- |${' ---: |'.repeat(sized.length)}`);
    for (const [what, value] of rows) lines.push(`| ${what} | ${sized.map(value).join(' | ')} |`);
  }
  return `${lines.join('\n')}\n`;
}

function times(spread: Spread | null): string {
  return spread === null ? '-' : `${spread.p50} / ${spread.p99} / ${spread.max} ms`;
}
