/** The outcome of `baton lint` for people: 80 columns, colours on a terminal. */
import { styleText } from 'node:util';
import { show } from '../../declared/show.ts';
import type { Severity } from '../../declared/types.ts';
import { nameOf } from '../../plan/reasons.ts';
import type { Finding } from '../definitions/findings.ts';
import { columns, cut, headed, indented } from '../text.ts';
import type { Becomes, Linted, LintedApp } from './lint.ts';
import { verdictTable } from './verdicts.ts';

const colours = { error: 'red', warning: 'yellow', info: 'cyan' } as const;

/** What people call the three. */
const words: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' };

export function lintLines(linted: Linted): readonly string[] {
  const findings = Map.groupBy(linted.findings, ({ file, app }) => keyOf(file, app));
  const apps = Map.groupBy(linted.apps, ({ file }) => file);
  const lines: string[] = [];
  for (const file of linted.files) {
    lines.push(styleText('bold', file), ...(findings.get(keyOf(file, null)) ?? []).flatMap(findingLines));
    for (const app of apps.get(file) ?? []) {
      lines.push('', ...appLines(app));
      if (app.app !== null) lines.push(...(findings.get(keyOf(file, app.app)) ?? []).flatMap(findingLines));
    }
    lines.push('');
  }
  return [...lines, ...indented(0, summaryOf(linted))];
}

function keyOf(file: string, app: string | null): string {
  return JSON.stringify([file, app]);
}

function appLines(app: LintedApp): readonly string[] {
  const name = app.app === null ? '(no id)' : show(nameOf(app.app), 60);
  const lines = [`  ${app.line}:${app.column}  app ${styleText('bold', name)}`];
  for (const each of app.becomes) lines.push(...field('becomes', becomesText(each)));
  if (app.becomes.length === 0) lines.push(...field('becomes', 'nothing that clients reach through Baton'));
  if (app.vips.length > 0) lines.push(...field('vip', app.vips.join(', ')));
  for (const verdict of Object.keys(verdictTable).toReversed()) {
    const names = app.labels.filter((each) => each.verdict === verdict).map(({ label }) => show(label, 60));
    if (names.length > 0) lines.push(...field(verdict, names.join(', ')));
  }
  return lines;
}

function field(name: string, text: string): readonly string[] {
  return headed(`    ${name.padEnd(12)}`, text);
}

function becomesText({ service, elsewhere, listeners, pool }: Becomes): string {
  const binds = listeners.map(({ address, port, hosts, paths, mode }) => {
    const at = port === null ? 'the service port that Marathon assigns' : `${address ?? '*'}:${port}`;
    const where = mode === 'tcp' ? `${at} in mode tcp` : at;
    const below = paths.length === 0 ? '' : ` below ${paths.join(', ')}`;
    return hosts.length === 0 ? where : `${where} (${hosts.join(', ')}${below})`;
  });
  const on = `on ${binds.length === 0 ? 'no listener' : binds.join(', ')}`;
  const where = `service ${nameOf(service)} ${elsewhere ? '(in none of these files)' : on}`;
  if (pool === null) return `${where}; no pool of it`;
  const share = pool.weight === null ? 'a share by its instances' : `weight ${pool.weight}`;
  return `${where}; its pool: priority ${pool.priority}, ${share}, port ${pool.portIndex}`;
}

function findingLines({ line, column, severity, label, value, problem, remedy }: Finding): readonly string[] {
  const head = `${styleText(colours[severity], words[severity])}${label === null ? '' : `: ${cut(label, 60)}`}`;
  return [
    `  ${line}:${column}  ${head}`,
    ...(value === null ? [] : [`      ${cut(`value: ${value}`, columns - 6)}`]),
    ...indented(6, problem),
    ...indented(6, remedy),
  ];
}

function summaryOf({ summary }: Linted): string {
  const counted = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;
  const parts = (['error', 'warning', 'info'] as const).map((severity) =>
    counted(summary[severity], words[severity]),
  );
  return `${counted(summary.apps, 'app')}: ${parts.join(', ')}.`;
}
