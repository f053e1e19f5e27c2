/** Renders the reference of labels, keys and diagnostics from the tables that the parser works with. */
import { abConfigTable } from '../../src/declared/ab-config-keys.ts';
import { diagnosticTable } from '../../src/declared/diagnostics.ts';
import type { LabelRow } from '../../src/declared/label-row.ts';
import { aviProxyTable, labelTable } from '../../src/declared/labels.ts';
import { appLabels } from '../../src/declared/marathon-lb/app-labels.ts';
import { portLabels } from '../../src/declared/marathon-lb/port-labels.ts';
import { templateNames, unreadTemplateNames } from '../../src/declared/marathon-lb/template-labels.ts';
import { plainLabels } from '../../src/declared/plain-labels.ts';
import { vipLabels } from '../../src/declared/vips.ts';
import { code, markdownTable } from './markdown.ts';

export function labelsTable(): string {
  return [
    '## Labels',
    table('Label', labelTable),
    '## Fields of `avi_proxy`',
    'All other fields are named in one diagnostic, and do no harm.',
    table('Field', aviProxyTable),
    '## Keys of `ab_config`',
    table('Key', abConfigTable),
    '## Table of the labels of marathon-lb',
    'About the whole app:',
    table('Label', Object.values(appLabels)),
    'About one service port, `{n}` being its index among the ports of the app, from 0:',
    table('Label', Object.values(portLabels)),
    'Raw HAProxy configuration, `HAPROXY_{n}_` before each name; refused and reported:',
    names(templateNames),
    'Never read, by marathon-lb neither:',
    names(unreadTemplateNames),
    '## Table of VIPs',
    table('Label', Object.values(vipLabels)),
    '## Plain labels',
    table('Label', Object.values(plainLabels)),
    '## Diagnostics',
    markdownTable(
      ['Code', 'Severity', 'What is wrong', 'What would be right'],
      Object.entries(diagnosticTable).map(([name, pattern]) => [
        code(name),
        pattern.severity,
        placeholders(pattern.problem),
        placeholders(pattern.remedy),
      ]),
    ),
  ].join('\n\n');
}

function names(all: readonly string[]): string {
  return `${all.map((name) => code(name)).join(', ')}.`;
}

function table(what: string, rows: readonly LabelRow[]): string {
  return markdownTable(
    [what, 'Meaning', 'Default', 'Write', 'Example', 'Status'],
    rows.map((row) => [
      code(row.name),
      row.meaning,
      row.default,
      row.grammar,
      code(row.example),
      status(row),
    ]),
  );
}

function status(row: LabelRow): string {
  return row.status === 'carried out' ? row.status : 'understood, not yet carried out';
}

/** What varies is set in italics. */
function placeholders(pattern: string): string {
  return pattern.replace(/\{([a-z]+)\}/g, '*$1*');
}
