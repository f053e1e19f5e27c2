/** Reads the plain labels `priority` and `weight`: short for the same keys of `ab_config`, on apps whose service is plain. */
import { nearest } from '../model/nearest.ts';
import type { LabelRow } from './label-row.ts';
import { wholeNumber } from './marathon-lb/values.ts';
import { type Report, say } from './report.ts';
import { describe, show } from './show.ts';

export const plainLabels = {
  priority: {
    name: 'priority',
    meaning: 'The priority of the pools that the app has by labels of marathon-lb or VIPs.',
    default: '0',
    grammar: 'a whole number, higher wins',
    example: '10',
    status: 'carried out',
  },
  weight: {
    name: 'weight',
    meaning: 'Their share among pools of equal priority.',
    default: '1 per instance when nobody of that priority declares one, else 100',
    grammar: 'a number from 0 to 1000000',
    example: '95',
    status: 'carried out',
  },
} as const satisfies Readonly<Record<string, LabelRow>>;

export interface PlainLabels {
  readonly priority: number | null;
  readonly weight: number | null;
}

const names: readonly string[] = Object.values(plainLabels).map(({ name }) => name);

/**
 * What they say; null where nothing is said. A bad one is reported and counts as absent.
 * @param isServed whether the app has labels that these could be about: only then one is ours but for a slip
 */
export function readPlainLabels(
  labels: Readonly<Record<string, string>>,
  isServed: boolean,
  report: Report,
): PlainLabels {
  if (isServed) sayNearLabels(labels, report);
  return {
    priority: read(labels, plainLabels.priority, report, (text) =>
      wholeNumber(text, -2_147_483_648, 2_147_483_647),
    ),
    weight: read(labels, plainLabels.weight, report, numberOf),
  };
}

function sayNearLabels(labels: Readonly<Record<string, string>>, report: Report): void {
  for (const label of Object.keys(labels).sort()) {
    const known = names.includes(label) || label.length > 20 ? null : nearest(label, names, 1);
    if (known === null || Object.hasOwn(labels, known)) continue;
    say(report, 'unknown-label', show(label), labels[label] ?? '', { label: show(label), known });
  }
}

function read(
  labels: Readonly<Record<string, string>>,
  row: LabelRow,
  report: Report,
  parse: (text: string) => number | null,
): number | null {
  const text = Object.hasOwn(labels, row.name) ? labels[row.name] : undefined;
  if (text === undefined) return null;
  const value = parse(text);
  if (value === null) {
    const right = `${row.grammar}, for example ${row.example}`;
    const instead = `the default holds: ${row.default}`;
    say(report, 'label-defaulted', row.name, text, {
      label: row.name,
      found: describe(text),
      right,
      instead,
    });
  }
  return value;
}

function numberOf(text: string): number | null {
  const word = text.length > 100 ? '' : text.trim();
  const value = /^\d{1,7}(?:\.\d{1,6})?$/.test(word) ? Number(word) : Number.NaN;
  return value <= 1_000_000 ? value : null;
}
