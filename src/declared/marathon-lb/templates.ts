/** Sets aside the labels that hold raw HAProxy configuration. */
import { type Report, say } from '../report.ts';
import { portLabelName } from './near-labels.ts';
import { templateNames, unreadTemplateNames } from './template-labels.ts';
import type { Template } from './types.ts';

/**
 * The templates of an app's ports, with line ends as marathon-lb takes them.
 * @param allowed whether somebody else will judge them; else each is reported as refused
 */
export function readTemplates(
  labels: Readonly<Record<string, string>>,
  portCount: number,
  allowed: boolean,
  report: Report,
): readonly Template[] {
  const templates: Template[] = [];
  for (const label of Object.keys(labels).sort()) {
    const known = portLabelName(label);
    if (known === null || known.index >= portCount) continue;
    const { index, name } = known;
    const text = labels[label] ?? '';
    if (templateNames.includes(name)) {
      templates.push({ index, name, text: text.replaceAll('\r\n', '\n') });
      if (!allowed) say(report, 'template-refused', label, text, { label });
    } else if (unreadTemplateNames.includes(name)) {
      say(report, 'template-unread', label, text, { label, known: label.replace('_MAP_', '_') });
    }
  }
  return templates.sort((a, b) => a.index - b.index);
}
