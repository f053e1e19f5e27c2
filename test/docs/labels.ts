/** Renders the reference of labels, keys and diagnostics from the tables that the parser works with. */
import { abConfigTable } from '../../src/declared/ab-config-keys.ts';
import { diagnosticTable } from '../../src/declared/diagnostics.ts';
import type { LabelRow } from '../../src/declared/label-row.ts';
import { aviProxyTable, labelTable } from '../../src/declared/labels.ts';
import { appLabels } from '../../src/declared/marathon-lb/app-labels.ts';
import { portLabels } from '../../src/declared/marathon-lb/port-labels.ts';
import {
  ownConditions,
  plainDirectives,
  templateActions,
  templateOptions,
} from '../../src/declared/marathon-lb/template-grammar.ts';
import {
  placedTemplates,
  placelessTemplates,
  unreadTemplateNames,
} from '../../src/declared/marathon-lb/template-labels.ts';
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
    '## Templates',
    'Raw HAProxy configuration, `HAPROXY_{n}_` before each name. All are refused and reported, unless `--allow-templates` is given. Then these add to the backends of their own app:',
    markdownTable(
      ['Template', 'Taken with', 'What is filled in'],
      Object.entries(placedTemplates).map(([name, { needs, placeholders: filled }]) => [
        code(name),
        needs,
        filled === null ? 'nothing; braces are braces' : filled.map((each) => code(`{${each}}`)).join(', '),
      ]),
    ),
    'They may say, one directive a line:',
    markdownTable(
      ['Directive', 'With'],
      [
        [plainDirectives.map(code).join(', '), 'anything'],
        ['`option`, `no option`', templateOptions.map(code).join(', ')],
        ...Object.entries(templateActions).map(([name, actions]) => [
          code(name),
          actions.length === 0 ? 'a time' : actions.map(code).join(', '),
        ]),
      ],
    ),
    'And with none of them anything that reaches beyond the requests of the app: files and maps, variables other than `req.` and `res.`, counters of others, the conditions ' +
      `${ownConditions.map(code).join(', ')}; nor characters that are not to be seen, or variables of the environment.`,
    'These have no place, with or without the flag:',
    markdownTable(
      ['Templates', 'Why', 'What stands for them'],
      placelessTemplates.map(({ names: all, why, instead }) => [all.map(code).join(', '), why, instead]),
    ),
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
  return row.status === 'carried out' ? row.status : 'read, and without effect';
}

/** What varies is set in italics. */
function placeholders(pattern: string): string {
  return pattern.replace(/\{([a-z]+)\}/g, '*$1*');
}
