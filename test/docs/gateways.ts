/** Renders the reference of Vamp's gateways from the tables that the parser works with. */
import type { LabelRow } from '../../src/declared/label-row.ts';
import { gatewayTable, routeTable } from '../../src/declared/vamp/gateway-keys.ts';
import { browsers } from '../../src/declared/vamp/user-agents.ts';
import { code, markdownTable } from './markdown.ts';

export function gatewayKeys(): string {
  return ['Of a gateway:', table(gatewayTable), 'Of a route:', table(routeTable)].join('\n\n');
}

export function browsersTable(): string {
  const words = (all: readonly string[], between: string): string =>
    all.length === 0 ? '' : all.map((word) => code(word)).join(between);
  return markdownTable(
    ['Browser', '`User-Agent` contains', 'and also', 'but not'],
    browsers.map(({ name, any, all, none }) => [
      name,
      words(any, ' or '),
      words(all, ' and '),
      words(none, ', '),
    ]),
  );
}

function table(rows: readonly LabelRow[]): string {
  return markdownTable(
    ['Key', 'Meaning', 'Default', 'Write', 'Example', 'Status'],
    rows.map((row) => [
      code(row.name),
      row.meaning,
      row.default,
      row.grammar,
      code(row.example),
      row.status === 'carried out' ? row.status : 'read, not carried out',
    ]),
  );
}
