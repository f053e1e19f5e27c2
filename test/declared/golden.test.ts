/** Golden files of declared/: each holds apps, memory and options, a line of ten dashes, and the declaration. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { declare } from '../../src/declared/declare.ts';
import {
  type Declaration,
  type DeclareOptions,
  plainOptions,
  type RememberedApp,
} from '../../src/declared/types.ts';
import { type AppSketch, cluster } from './cluster.ts';
import { withoutPlain } from './without-plain.ts';

const folder = new URL('../golden/declared', import.meta.url).pathname;
const separator = '\n----------\n';

interface Input {
  /** The situation in words, for the reader. */
  readonly title: string;
  readonly apps: readonly AppSketch[];
  readonly remembered?: readonly RememberedApp[];
  readonly options?: {
    readonly mapPorts?: Readonly<Record<string, number>>;
    readonly localAddresses?: readonly string[];
    readonly groups?: readonly string[];
    readonly strict?: boolean;
    readonly bindHttpHttps?: boolean;
    readonly portRange?: DeclareOptions['portRange'];
    readonly vipListeners?: boolean;
  };
}

function run(input: Input): Declaration {
  const mapPorts = new Map(
    Object.entries(input.options?.mapPorts ?? {}).map(([from, to]) => [Number(from), to]),
  );
  const localAddresses = new Set(input.options?.localAddresses ?? []);
  const groups = new Set(input.options?.groups ?? []);
  const options = { ...plainOptions, ...input.options, mapPorts, localAddresses, groups };
  return declare(cluster(...input.apps), input.remembered ?? [], options);
}

describe('golden files', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));

  test('are there', () => {
    expect(files.length).toBeGreaterThan(10);
  });

  test.each(files)('%s', (name) => {
    const path = join(folder, name);
    const text = readFileSync(path, 'utf8');
    const [input = '', kept = ''] = text.split(separator);
    const actual = `${JSON.stringify(run(JSON.parse(input) as Input), withoutPlain, 1)}\n`;
    const isUpdate = process.env['UPDATE_GOLDEN'] === '1';
    if (isUpdate) writeFileSync(path, `${input.trimEnd()}${separator}${actual}`);
    expect(actual).toBe(isUpdate ? actual : kept);
  });
});
