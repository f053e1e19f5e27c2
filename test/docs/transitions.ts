/** Renders what a transition does, and what faults come to in each phase, from the tables that the code and the tests go by. */
import { transitionPhaseTable } from '../../src/plan/transition/types.ts';
import {
  faultNames,
  faultTable,
  leavesNobody,
  meanwhileTable,
  outcomes,
  phaseNames,
  phaseTable,
} from '../e2e/faults/outcomes.ts';
import { code, markdownTable } from './markdown.ts';

export function transitionPhases(): string {
  return markdownTable(
    ['Phase', 'Meaning'],
    Object.entries(transitionPhaseTable).map(([name, meaning]) => [code(name), meaning]),
  );
}

/** A row a phase, a column a fault. */
export function faultOutcomes(): string {
  return markdownTable(
    ['', ...faultNames],
    phaseNames.map((phase) => [
      `**${phase}**`,
      ...faultNames.map((fault) => `${outcomes[phase][fault]}${leavesNobody(phase, fault) ? ' (1)' : ''}`),
    ]),
  );
}

export function faultWords(): string {
  const rows = (table: Readonly<Record<string, string>>) =>
    Object.entries(table).map(([name, meaning]) => [name, meaning]);
  return [
    markdownTable(['Phase', 'How it is brought about'], rows(phaseTable)),
    markdownTable(['Fault', 'What is done'], rows(faultTable)),
    markdownTable(
      ['Word', 'Once the fault has struck'],
      rows(meanwhileTable).map(([name = '', meaning = '']) => [
        name,
        `${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}.`,
      ]),
    ),
  ].join('\n\n');
}
