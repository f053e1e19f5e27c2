/** Selectors: what they find, what is no selector, and that no text makes them slow. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gatewayArtifact } from '../../../src/declared/vamp/gateway-artifact.ts';
import { parseGateways } from '../../../src/declared/vamp/gateway-parse.ts';
import { parseSelector } from '../../../src/declared/vamp/selector.ts';
import { app } from '../cluster.ts';

const front = app({
  id: '/shop/eu/front',
  labels: { version: '1.0', 'a(b)': 'x' },
  ports: [{ containerPort: 80 }, { containerPort: null, servicePort: 9000 }],
});

/** Indices of the ports that are found. */
function find(text: string): readonly number[] {
  const result = parseSelector(text, 'route');
  if (!result.ok) throw new Error(`${text}: ${result.flaw.what}`);
  return front.ports.filter((port) => result.finds(front, port) !== null).map(({ index }) => index);
}

const both = [0, 1];

test.each<[string, readonly number[]]>([
  ['true', both],
  [' TRUE ', both],
  ['false', []],
  ['not false', both],
  ['!!true', both],
  ['namespace(shop/eu)', both],
  ['group(shop)', []],
  ['group(shop/.*)', both],
  ['name(front)', both],
  ['id(fron)', []],
  ['id(ront)', []],
  ['kind(app)', both],
  ['type(pod)', []],
  ['label(version)(1\\.0)', both],
  ['label(version)(1\\.1)', []],
  ['label (version) (1.*)', both],
  ['label(version)((.*))', both],
  ['label(a\\(b\\))(x)', both],
  ['label(a[(]b[)])(x)', both],
  ['label(none)(.*)', []],
  ['port(80)', [0]],
  ['port(9000)', [1]],
  ['index(1)', [1]],
  ['port_index(0)', [0]],
  ['port(80) or index(1)', both],
  ['port(80) | index(1) & false', [0]],
  ['(port(80) || index(1)) && not port(80)', [1]],
])('%s finds %j', (text, found) => {
  expect(find(text)).toEqual(found);
});

test.each<[string, string, boolean]>([
  ['a', 'a', true],
  ['a', 'aa', false],
  ['a|bc', 'bc', true],
  ['a|', '', true],
  ['(?:ab)+', 'abab', true],
  ['(ab)+', 'aba', false],
  ['a{2}', 'aa', true],
  ['a{2}', 'aaa', false],
  ['a{2,}', 'aaaa', true],
  ['a{1,3}', 'aaaa', false],
  ['a{0}b', 'b', true],
  ['a??b', 'b', true],
  ['[a-c]x', 'bx', true],
  ['[^a-c]x', 'bx', false],
  ['[\\]]', ']', true],
  ['\\d\\W\\s', '1- ', true],
  ['\\D', '1', false],
  ['.', '😀', true],
  ['.', '\n', true],
  ['(a*)*', 'aaa', true],
  ['()*a', 'a', true],
])('the value %s of %j: %j', (pattern, text, isMet) => {
  const result = parseSelector(`name(${pattern})`, 'route');
  const named = { ...front, id: `/${text}` as typeof front.id };
  const [port] = front.ports;
  expect(port && result.ok && result.finds(named, port) !== null).toBe(isMet);
});

test.each<[string, readonly string[] | null]>([
  ['label(version)((.*))', ['1.0']],
  ['label(version)((.)[.].*)', ['1']],
  ['label(version)((?:.)[.](.))', ['0']],
  ['label((v.*))((.*))', ['version=1.0']],
  ['label((v.*))(.*)', ['version']],
  ['label(.*)((.*))', ['x']],
  ['label(version)(.*)', []],
  ['label(version)((2.*))', null],
  ['id((.*?)n?t*)', ['fro']],
  ['id((.*)n?t*)', ['front']],
  ['id(f(x?)ront)', ['']],
  ['id(f(?:(r)|x)ont)', ['r']],
  ['namespace((.*)/.*) and name((.*)) and index(0)', ['shop', 'front']],
  ['name((.*)) or label(version)((.*))', ['front', '1.0']],
  ['name((x)) or label(version)((.*))', ['1.0']],
  ['not name((x))', []],
])('%s has the groups %j', (text, groups) => {
  const result = parseSelector(text, 'gateway');
  const [port] = front.ports;
  expect(port && result.ok && result.finds(front, port)).toEqual(groups);
});

test.each<[string, number, string]>([
  ['', 0, 'it is empty'],
  ['nam(x)', 0, '"nam" begins no test'],
  ['true true', 5, '"and" or "or" is missing before "true"'],
  ['true)', 4, '")" closes nothing'],
  ['(true', 5, '")" is missing before the end'],
  ['true and', 8, 'the end begins no test'],
  ['id', 2, '"(" is missing before the end'],
  ['id()', 3, 'a value is missing'],
  ['id(x', 4, '")" is missing before the end'],
  ['label(x)', 8, '"(" is missing before the end'],
  ['port(x)', 5, '"x" is no number'],
  ['image(x)', 0, 'the image of apps is not known to Baton'],
  ['true and ip(1.*)', 9, 'ip would tell instances of one app apart'],
  ['id(*)', 3, '"*" repeats nothing'],
  ['id(a**)', 5, '"*" repeats a repetition'],
  ['id(a{x})', 4, '"{" begins no repetition'],
  ['id(a{3,2})', 4, '"{" begins no repetition'],
  ['id((?=a))', 3, '"(?" is not known'],
  ['label(a)((\\d)[.](\\d))', 9, 'the value has more than one group'],
  ['id((a)\\1)', 6, '"\\1" is not known'],
  ['id(^a)', 3, '"^" stands there'],
  ['id([a)', 3, '"[" is not closed'],
  ['id([z-a])', 3, '"[z-a]" is no set of characters'],
  ['id(((a{99}){99}){99})', 5, 'the value repeats too much'],
  ['id((((){99}){99}){99})', 5, 'the value repeats too much'],
  [`id(${'a'.repeat(257)})`, 3, 'the value is longer than 256 characters'],
  [`id(${'('.repeat(31)}`, 34, 'parentheses are nested deeper than 30'],
  [`${'('.repeat(101)}true`, 101, 'parentheses are nested deeper than 100'],
  [' '.repeat(4097), 4096, 'it is longer than 4096 characters'],
])('%j is none, at %i: %s', (text, offset, what) => {
  const result = parseSelector(text, 'gateway');
  expect(result.ok ? null : result.flaw).toMatchObject({ offset, what });
});

describe('whatever is written', () => {
  const piece = fc.constantFrom(
    'id(',
    'label(a)(',
    ')',
    '(',
    'a',
    '.*',
    '+',
    '?',
    '{2}',
    '[a-z]',
    '\\d',
    '|',
    'not ',
    ' and ',
    'true',
  );

  test('is read or refused, with a place in it', () => {
    const drawn = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 20 }).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(drawn, (text) => {
        const result = parseSelector(text, 'gateway');
        if (result.ok) for (const port of front.ports) result.finds(front, port);
        return result.ok || result.flaw.offset <= text.length;
      }),
    );
  });

  test('values are met as JavaScript says', () => {
    const part = fc.constantFrom(
      'a',
      'b',
      '.',
      '[ab]',
      '(a|b)',
      '(ab)*',
      'a+',
      '(?:b|)',
      'a{0,2}',
      '(a*)+',
      '|',
    );
    const pattern = fc.array(part, { minLength: 1, maxLength: 6 }).map((all) => all.join(''));
    const text = fc.array(fc.constantFrom('a', 'b'), { maxLength: 6 }).map((all) => all.join(''));
    fc.assert(
      fc.property(pattern, text, (source, value) => {
        const result = parseSelector(`label(version)(${source})`, 'route');
        const [port] = front.ports;
        const found = port && result.ok && result.finds({ ...front, labels: { version: value } }, port);
        expect(found !== null).toBe(new RegExp(`^(?:${source})$`, 'su').test(value));
      }),
    );
  });

  test('the group is the one that JavaScript finds', () => {
    const part = fc.constantFrom('a', 'b?', '.', '[ab]*', 'a+?', '.*?', '(?:a|ab)', '(?:b|)', 'a{0,2}');
    const parts = fc.array(part, { maxLength: 3 }).map((all) => all.join(''));
    const text = fc.array(fc.constantFrom('a', 'b'), { maxLength: 6 }).map((all) => all.join(''));
    fc.assert(
      fc.property(parts, parts, parts, text, (before, inside, after, value) => {
        const source = `${before}(${inside})${after}`;
        const result = parseSelector(`label(version)(${source})`, 'gateway');
        const [port] = front.ports;
        const found = port && result.ok && result.finds({ ...front, labels: { version: value } }, port);
        const group = new RegExp(`^(?:${source})$`, 'su').exec(value)?.[1];
        expect(found).toEqual(group === undefined ? null : [group]);
      }),
    );
  });

  test.each(['(a+)+', '(a|a)*', '(a*)*b', `${'a?'.repeat(60)}${'a'.repeat(60)}`, '.*.*.*.*.*.*.*.*x'])(
    '%s takes no time',
    (pattern) => {
      const result = parseSelector(`label(version)(${pattern})`, 'route');
      const [port] = front.ports;
      const start = performance.now();
      if (port && result.ok) result.finds({ ...front, labels: { version: `${'a'.repeat(4000)}!` } }, port);
      expect(result.ok).toBe(true);
      expect(performance.now() - start).toBeLessThan(2000);
    },
  );
});

test('a route is written as it was read', () => {
  const yaml = 'name: shop\nport: 8080\nroutes: {old: {selector: "label(version)(1[.]0)"}}';
  const first = parseGateways(yaml, { allowTemplates: false });
  const again = first.ok ? first.gateways.map((gateway) => JSON.stringify(gatewayArtifact(gateway))) : [];
  expect(parseGateways(again.join('\n'), { allowTemplates: false })).toEqual(first);
});
