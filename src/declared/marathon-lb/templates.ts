/** The labels that hold raw HAProxy configuration: refused, or read for the app's own backend where they are welcome. */
import { type Report, say } from '../report.ts';
import { describe } from '../show.ts';
import type { PoolTemplate } from '../types.ts';
import { portLabelName } from './near-labels.ts';
import { sendProxyIn } from './server-options.ts';
import { wrongIn } from './template-grammar.ts';
import {
  placedTemplates,
  placelessTemplates,
  templateNames,
  unreadTemplateNames,
} from './template-labels.ts';
import type { MarathonLbPort, Template } from './types.ts';

/** The templates of an app's ports, each reported as refused; with line ends as marathon-lb takes them. */
export function readTemplates(
  labels: Readonly<Record<string, string>>,
  portCount: number,
  report: Report,
): readonly Template[] {
  const templates: Template[] = [];
  for (const label of Object.keys(labels).sort()) {
    const known = portLabelName(label);
    if (known === null || known.index >= portCount) continue;
    const { index, name } = known;
    const text = labels[label] ?? '';
    if (name === 'BACKEND_SERVER_OPTIONS' && sendProxyIn(text) !== null) continue;
    if (templateNames.includes(name)) {
      templates.push({ index, name, text: text.replaceAll('\r\n', '\n') });
      say(report, 'template-refused', label, text, { label });
    } else if (unreadTemplateNames.includes(name)) {
      say(report, 'template-unread', label, text, { label, known: label.replace('_MAP_', '_') });
    }
  }
  return templates.sort((a, b) => a.index - b.index);
}

/**
 * What templates add to the backends of a port that is served, where they are welcome. One that has no place, or says
 * what none may, is reported and left out; whether HAProxy takes the others nobody knows yet.
 * @param backend the name that marathon-lb gives the port's backend
 */
export function acceptTemplates(
  templates: readonly Template[],
  port: MarathonLbPort,
  backend: string,
  report: Report,
): readonly PoolTemplate[] {
  return templates
    .filter(({ index }) => index === port.index)
    .flatMap((template) => acceptTemplate(template, port, backend, report) ?? []);
}

function acceptTemplate(
  { index, name, text }: Template,
  port: MarathonLbPort,
  backend: string,
  report: Report,
): PoolTemplate | null {
  const label = `HAPROXY_${index}_${name}`;
  const placed = placedTemplates[name];
  if (placed === undefined) {
    const { why, instead } = placelessTemplates.find(({ names }) => names.includes(name)) ?? nothing;
    say(report, 'template-without-place', label, text, { label, why, instead });
    return null;
  }
  const { needs } = placed;
  if (needs !== 'nothing' && !(port.mode === 'http' && (needs === 'mode http' || port.useHsts))) {
    const details = { label, why: `without ${needs}`, hint: `Ask for ${needs}` };
    say(report, 'label-without-effect', label, text, details);
    return null;
  }
  const values = { backend, balance: port.balance, mode: port.mode };
  const filled = placed.placeholders === null ? { text } : fill(text, values);
  const refuse = (found: string): null => {
    say(report, 'template-unfit', label, text, { label, found });
    return null;
  };
  if ('unknown' in filled) return refuse(`nothing fills ${describe(filled.unknown)}`);
  // What marathon-lb begins a backend with, Baton writes itself.
  const heading = [`backend ${backend}`, `balance ${port.balance}`, `mode ${port.mode}`];
  const lines = filled.text
    .split('\n')
    .map((line) => (heading.includes(line.trim().replace(/\s+/g, ' ')) ? '' : line.trimEnd()));
  const wrong = wrongIn(lines);
  if (wrong !== null) return refuse(wrong);
  const said = lines.map((line) => line.trim()).filter((line) => line !== '');
  return said.length === 0 ? null : { label, value: text, lines: said };
}

const nothing = { why: 'nothing is known of it', instead: 'nothing' };

/** As Python's `str.format` does, with names alone: `{{` is a brace. */
function fill(
  text: string,
  values: Readonly<Record<string, string>>,
): { readonly text: string } | { readonly unknown: string } {
  let unknown: string | null = null;
  const filled = text.replace(/\{\{|\}\}|\{[^{}]*\}|[{}]/g, (found) => {
    if (found === '{{' || found === '}}') return found.charAt(0);
    const name = found.slice(1, -1);
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) unknown ??= found;
    return value ?? '';
  });
  return unknown === null ? { text: filled } : { unknown };
}
