/** What becomes of each label: the one word for it, from the tables of labels and from what was said about it. */
import { labelTable } from '../../declared/labels.ts';
import { portLabelName } from '../../declared/marathon-lb/near-labels.ts';
import { appLabels } from '../../declared/marathon-lb/app-labels.ts';
import type { Finding } from '../definitions/findings.ts';
import type { WrittenLabel } from './places.ts';

/** In the order in which they win, the worst first. */
export const verdictTable = {
  malformed: 'What it says is not in its grammar; the finding tells what holds instead.',
  dangerous: 'It holds raw HAProxy configuration.',
  unknown: 'Nobody knows it, and it resembles one that Baton knows.',
  ignored: "It is another program's, or has no effect where it stands.",
  understood: 'Baton reads it.',
} as const satisfies Readonly<Record<string, string>>;

export type LabelVerdict = keyof typeof verdictTable;

/** What a finding makes of its label; any other error makes it malformed, and anything else leaves it understood. */
const byCode: Readonly<Record<string, LabelVerdict>> = {
  'label-defaulted': 'malformed',
  'entries-dropped': 'malformed',
  'template-refused': 'dangerous',
  'unknown-label': 'unknown',
  'label-beyond-ports': 'ignored',
  'label-ignored': 'ignored',
  'label-unused': 'ignored',
  'label-without-effect': 'ignored',
  'template-unread': 'ignored',
};

/** Findings that are right about the label and blame another app, or none. */
const blameless: ReadonlySet<string> = new Set(['listener-conflict', 'label-twice']);

const appNames: ReadonlySet<string> = new Set([
  ...labelTable.map(({ name }) => name),
  ...Object.values(appLabels).map(({ name }) => name),
]);

/** @param about the findings about this label */
export function verdictOn({ name, ofApp }: WrittenLabel, about: readonly Finding[]): LabelVerdict {
  const found = about.map(({ code, severity }): LabelVerdict => {
    if (blameless.has(code)) return 'understood';
    return byCode[code] ?? (severity === 'error' ? 'malformed' : 'understood');
  });
  const worst = Object.keys(verdictTable) as LabelVerdict[];
  const known = ofApp
    ? appNames.has(name) || portLabelName(name) !== null || /^vip_port\d{1,5}$/i.test(name)
    : /^(?:VIP|vip)/.test(name);
  const plain: LabelVerdict = known ? 'understood' : 'ignored';
  return worst.find((verdict) => found.includes(verdict) && verdict !== 'understood') ?? plain;
}
