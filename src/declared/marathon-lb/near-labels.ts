/** Tells marathon-lb's labels from those that only look like them, and from those about ports that are not there. */
import { nearest } from '../../model/nearest.ts';
import { portsInWords } from '../ports.ts';
import { type Report, say } from '../report.ts';
import { show } from '../show.ts';
import { appLabels } from './app-labels.ts';
import { portLabels } from './port-labels.ts';
import { templateNames, unreadTemplateNames } from './template-labels.ts';

const appNames: readonly string[] = Object.values(appLabels).map((row) => row.name);
const portNames: readonly string[] = Object.keys(portLabels);
const afterIndex: ReadonlySet<string> = new Set([...portNames, ...templateNames, ...unreadTemplateNames]);

/** The longest name of a label is half as long. */
const longestName = 120;

/** A label about a port. */
export interface PortLabelName {
  readonly index: number;
  /** What comes after `HAPROXY_{n}_`. */
  readonly name: string;
}

/** The port and the name in a label of marathon-lb about a port; null when it is none. */
export function portLabelName(label: string): PortLabelName | null {
  const match = label.length > longestName ? null : /^HAPROXY_(0|[1-9]\d{0,4})_([A-Z_]+)$/.exec(label);
  const name = match?.[2] ?? '';
  return afterIndex.has(name) ? { index: Number(match?.[1]), name } : null;
}

/** Whether any of the labels is marathon-lb's. */
export function hasMarathonLbLabel(labels: Readonly<Record<string, string>>): boolean {
  return Object.keys(labels).some((label) => appNames.includes(label) || portLabelName(label) !== null);
}

/** Labels that are not read, although they look as if they were meant to be. */
export function sayUnreadLabels(
  labels: Readonly<Record<string, string>>,
  portCount: number,
  report: Report,
): void {
  for (const label of Object.keys(labels).sort()) {
    if (appNames.includes(label)) continue;
    const text = labels[label] ?? '';
    const known = portLabelName(label);
    if (known === null) sayUnknown(label, text, report);
    else if (known.index >= portCount) {
      const details = { label, index: String(known.index), ports: portsInWords(portCount) };
      say(report, 'label-beyond-ports', label, visible(label, text), details);
    }
  }
}

function sayUnknown(label: string, text: string, report: Report): void {
  const known = meantLabel(label);
  const shown = show(label);
  if (known !== null) {
    say(report, 'unknown-label', shown, visible(known, text), { label: shown, known });
  } else if (label.startsWith('HAPROXY_')) {
    say(report, 'label-ignored', shown, visible(label, text), { label: shown });
  }
}

/** The label that was most likely meant; null when there is none. */
function meantLabel(label: string): string | null {
  // A slip in the first letter is rare, and `PROXY_GROUP` is somebody else's.
  if (label.length > longestName || !/^h/i.test(label)) return null;
  const app = nearest(label, appNames);
  if (app !== null) return app;
  const match = /^([A-Za-z]{5,9})[-_ .]?(?:(\d{1,5}|[oOlI])[-_ .])?(.+)$/.exec(label);
  if (match === null || nearest(match[1] ?? '', ['HAPROXY']) === null) return null;
  const name = nearest(match[3] ?? '', [...afterIndex]);
  return name === null ? null : `HAPROXY_${indexOf(match[2] ?? '0')}_${name}`;
}

/** The letters that look like digits are meant to be those. */
function indexOf(text: string): number {
  return Number(text.replace(/[oO]/, '0').replace(/[lI]/, '1'));
}

/** What may be shown of a label's value: a password may not. */
export function visible(label: string, text: string): string {
  return label.endsWith('_AUTH') ? '(not shown)' : text;
}
