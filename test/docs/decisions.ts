/** Renders what Baton decides from the planner's golden files, and its vocabulary from the tables of codes. */
import { readdirSync, readFileSync } from 'node:fs';
import { reasonTable } from '../../src/plan/because.ts';
import { transitionPhaseTable } from '../../src/plan/transition/types.ts';
import { phaseTable, poolStateTable } from '../../src/plan/verdict.ts';
import { lastService, parseCase, play } from '../plan/golden.ts';
import { code, markdownTable } from './markdown.ts';

const folder = 'test/golden/plan/';
const goldenFiles = new URL(`../../${folder}`, import.meta.url);

/** One row a golden file: what its situations come to, one after the other, and why the last one does. */
export function decisionsTable(): string {
  const rows = readdirSync(goldenFiles)
    .toSorted()
    .map((file) => {
      const { title, input } = parseCase(readFileSync(new URL(file, goldenFiles), 'utf8'));
      const service = lastService(input);
      if (service === undefined) throw new Error(`${file} ends without a service`);
      const outcomes = play(input).split('\nthen\n');
      return [
        `[${file.slice(0, file.indexOf('-'))}](../${folder}${file})`,
        title,
        inTurn(outcomes.map(phaseOf)),
        inTurn(outcomes.map(carriersOf)),
        service.because.text,
      ];
    });
  return markdownTable(['Case', 'What happens', 'Phase', 'Who carries the traffic', 'Why, at the end'], rows);
}

/** What stays the same from one situation to the next is named once. */
function inTurn(steps: readonly string[]): string {
  return steps.filter((step, index) => step !== steps[index - 1]).join(' → ');
}

/** The first word of an outcome, before the comma; lines about commands may stand before it. */
function phaseOf(outcome: string): string {
  const phase = /^([a-z-]+), ratio/m.exec(outcome)?.[1];
  if (phase === undefined) throw new Error(`an outcome without a phase: ${outcome}`);
  return phase;
}

/** Weights also stand where nobody is up; those carry nothing. */
function carriersOf(outcome: string): string {
  const active = [...outcome.matchAll(/^ {2}(\S+) .*?([\d.]+ %) active /gm)];
  if (active.length === 0 || phaseOf(outcome) === 'down') return 'nobody';
  if (active.length === 1) return active[0]?.[1] ?? '';
  return active.map(([, app, share]) => `${app} ${share}`).join(' and ');
}

export function vocabulary(): string {
  return [
    '### Phases of a service',
    meanings('Phase', phaseTable),
    '### Phases of a transition',
    meanings('Phase', transitionPhaseTable),
    '### States of a pool',
    meanings('State', poolStateTable),
    '### Reasons',
    meanings('Code', reasonTable),
  ].join('\n\n');
}

function meanings(what: string, table: Readonly<Record<string, string>>): string {
  return markdownTable(
    [what, 'Meaning'],
    Object.entries(table).map(([name, meaning]) => [code(name), meaning]),
  );
}
