/** Renders the tables of the command line: verbs, words for labels, and findings that only lint has. */
import { findingTable } from '../../src/cli/definitions/findings.ts';
import { verdictTable } from '../../src/cli/lint/verdicts.ts';
import { verbs } from '../../src/cli/verbs.ts';
import { code, markdownTable } from './markdown.ts';

export function verbsTable(): string {
  return markdownTable(
    ['Verb', 'What it is for'],
    Object.entries(verbs).map(([verb, { summary }]) => [code(`baton ${verb}`), summary]),
  );
}

export function verdictsTable(): string {
  return markdownTable(
    ['Word', 'Meaning'],
    Object.entries(verdictTable).map(([verdict, meaning]) => [verdict, meaning]),
  );
}

export function findingsTable(): string {
  return markdownTable(
    ['Code', 'Severity', 'Meaning'],
    Object.entries(findingTable).map(([name, { severity, meaning }]) => [code(name), severity, meaning]),
  );
}
