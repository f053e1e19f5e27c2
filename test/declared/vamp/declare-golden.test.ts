/** Golden files of gateways in a cluster: the cluster, a line of ten dashes, the gateways as users write them, another, and the declaration. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { declare } from '../../../src/declared/declare.ts';
import { plainOptions } from '../../../src/declared/types.ts';
import { parseGateways } from '../../../src/declared/vamp/gateway-parse.ts';
import type { Gateway } from '../../../src/declared/vamp/gateway.ts';
import { type AppSketch, cluster } from '../cluster.ts';
import { withoutPlain } from '../without-plain.ts';

const folder = new URL('../../golden/vamp/declared', import.meta.url).pathname;
const separator = '\n----------\n';

interface Input {
  /** The situation in words, for the reader. */
  readonly title: string;
  readonly apps: readonly AppSketch[];
  /** What the file does not say of a gateway, by name. */
  readonly also?: Readonly<Record<string, Partial<Gateway>>>;
  readonly mapPorts?: Readonly<Record<string, number>>;
  /** False. */
  readonly allowTemplates?: boolean;
}

function run(input: Input, yaml: string): string {
  const { allowTemplates = false } = input;
  const parsed = parseGateways(yaml, { allowTemplates });
  if (!parsed.ok) throw new Error(parsed.flaws.map(({ problem }) => problem).join(' '));
  const gateways = parsed.gateways.map((gateway) => ({ ...gateway, ...input.also?.[gateway.name] }));
  const mapPorts = new Map(Object.entries(input.mapPorts ?? {}).map(([from, to]) => [Number(from), to]));
  const { remembered: _, ...declaration } = declare(
    cluster(...input.apps),
    [],
    { ...plainOptions, mapPorts, allowTemplates },
    gateways,
  );
  return `${JSON.stringify(declaration, withoutPlain, 1)}\n`;
}

describe('golden files', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));

  test('are there', () => {
    expect(files.length).toBeGreaterThan(10);
  });

  test.each(files)('%s', (name) => {
    const path = join(folder, name);
    const [input = '', yaml = '', kept = ''] = readFileSync(path, 'utf8').split(separator);
    const actual = run(JSON.parse(input) as Input, yaml);
    const isUpdate = process.env['UPDATE_GOLDEN'] === '1';
    if (isUpdate) writeFileSync(path, `${input.trimEnd()}${separator}${yaml.trimEnd()}${separator}${actual}`);
    expect(actual).toBe(isUpdate ? actual : kept);
  });
});
