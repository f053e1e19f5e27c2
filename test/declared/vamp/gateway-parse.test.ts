/** Files of gateways beyond the golden ones: any weights, and files that are meant to do harm. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseGateways } from '../../../src/declared/vamp/gateway-parse.ts';
import { filledWeights } from '../../../src/declared/vamp/weights.ts';

const plain = { allowTemplates: false };

function rules(text: string): readonly string[] {
  const result = parseGateways(text, plain);
  return result.ok ? [] : result.flaws.map(({ rule }) => rule);
}

test('weights that are not written share what is left, and all are a whole', () => {
  const weight = fc.option(fc.integer({ min: 0, max: 100 }));
  fc.assert(
    fc.property(fc.array(weight, { minLength: 1, maxLength: 9 }), (weights) => {
      const filled = filledWeights(weights);
      const written = weights.reduce<number>((sum, each) => sum + (each ?? 0), 0);
      const isWhole = !weights.includes(null);
      expect(filled === null).toBe(!isWhole && written > 100);
      const sum = (filled ?? []).reduce((a, b) => a + b, 0);
      expect(sum).toBe(filled === null ? 0 : isWhole ? written : 100);
      const missing = (filled ?? []).filter((_, index) => weights[index] === null);
      expect(Math.max(0, ...missing) - Math.min(100, ...missing)).toBeLessThan(Math.max(1, missing.length));
    }),
  );
});

describe('harm', () => {
  const bomb = [
    'a: &a [x, x, x, x, x, x, x, x, x, x]',
    ...'bcdefgh'.split('').map((name, index) => {
      const before = `*${'abcdefgh'[index]}`;
      return `${name}: &${name} [${Array.from({ length: 10 }, () => before).join(', ')}]`;
    }),
  ].join('\n');

  test.each<[string, string, string]>([
    ['aliases of aliases', bomb, 'yaml-size'],
    ['an alias of itself', 'name: a\nroutes: &a [*a]\n', 'yaml-size'],
    ['an alias of nothing', 'name: *a\n', 'yaml-syntax'],
    ['lists in lists', '['.repeat(50_000), 'yaml-syntax'],
    ['lists that are closed', `${'['.repeat(200)}${']'.repeat(200)}`, 'yaml-size'],
    ['a text that is too long', `name: ${'a'.repeat(1_100_000)}`, 'yaml-size'],
    ['a key that is a list', '? [a]\n: b\n', 'yaml-key'],
    ['a tag', 'name: !!js/function "x"\n', 'yaml-syntax'],
    ['a name like a prototype', '__proto__: {name: a}\n', 'unknown-key'],
    ['a line break in a name', 'name: "a\\nbind :1"\nport: 1\nroutes: x\n', 'name'],
    ['a line break in a path', 'name: a\nport: 1\nroutes: "x\\ny"\n', 'route-path'],
    ['a line break in an address', 'name: a\nport: 1\nroutes: "[a:1\\n]"\n', 'route-path'],
    [
      'a line break in a condition',
      'name: a\nport: 1\nroutes: {x: {condition: "host = \\"a\\nb\\""}}\n',
      'condition',
    ],
    ['all addresses', 'name: a\nport: 1\nroutes: "[0.0.0.0:1]"\n', 'route-path'],
  ])('%s', (_, text, rule) => {
    expect(rules(text)).toContain(rule);
  });

  test('no text throws', () => {
    const words = fc.constantFrom(
      'name',
      ':',
      ' ',
      '\n',
      '  ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '"',
      'routes',
      '&a',
      '*a',
      '50%',
      '---\n',
      '|',
      '?',
      '!!str',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words).map((each) => each.join('')),
        ),
        (text) => {
          const result = parseGateways(text, plain);
          expect(result.ok ? 1 : result.flaws.length).toBeGreaterThan(0);
        },
      ),
    );
  });
});
