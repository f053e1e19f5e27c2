/** Golden files of Vamp's gateways: each holds a file as users write it, a line of ten dashes, and what it is read as. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { conditionText } from '../../../src/declared/vamp/condition-text.ts';
import type { Condition } from '../../../src/declared/vamp/condition.ts';
import { flawText } from '../../../src/declared/vamp/file.ts';
import { parseGateways } from '../../../src/declared/vamp/gateway-parse.ts';

const folder = new URL('../../golden/vamp/gateways', import.meta.url).pathname;
const separator = '\n----------\n';

function run(text: string): string {
  const result = parseGateways(text, { allowTemplates: false });
  if (!result.ok) return result.flaws.map((flaw) => `${flawText('gateway.yaml', flaw)}\n`).join('');
  const notes = result.notes.map((flaw) => `note ${flawText('gateway.yaml', flaw)}\n`).join('');
  const shown = JSON.stringify(
    result.gateways,
    (key, value: unknown) =>
      key === 'condition' && value !== null && typeof value === 'object'
        ? conditionText(value as Condition)
        : value,
    1,
  );
  return `${notes}${shown}\n`;
}

describe('golden files', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));

  test('are there', () => {
    expect(files.length).toBeGreaterThan(10);
  });

  test.each(files)('%s', (name) => {
    const path = join(folder, name);
    const [input = '', kept = ''] = readFileSync(path, 'utf8').split(separator);
    const actual = run(`${input.trimEnd()}\n`);
    const isUpdate = process.env['UPDATE_GOLDEN'] === '1';
    if (isUpdate) writeFileSync(path, `${input.trimEnd()}${separator}${actual}`);
    expect(actual).toBe(isUpdate ? actual : kept);
  });
});
