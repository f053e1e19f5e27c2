/** Vamp's conditions: what they are read as, how they are written, and what is no condition. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCondition } from '../../../src/declared/vamp/condition-parse.ts';
import { conditionText } from '../../../src/declared/vamp/condition-text.ts';
import { denied, joined } from '../../../src/declared/vamp/condition-tree.ts';
import type { Condition } from '../../../src/declared/vamp/condition.ts';

const withRaw = { allowTemplates: true };
const plain = { allowTemplates: false };

function read(text: string): Condition {
  const result = parseCondition(text, withRaw);
  if (!result.ok) throw new Error(`${text}: ${result.flaw.what}`);
  return result.condition;
}

const host = (value: string): Condition => ({ kind: 'host', value });
const agent = (value: string): Condition => ({ kind: 'user-agent', value });
const no = (operand: Condition): Condition => ({ kind: 'not', operand });
const all = (...operands: readonly Condition[]): Condition => ({ kind: 'and', operands });
const any = (...operands: readonly Condition[]): Condition => ({ kind: 'or', operands });

describe('one test', () => {
  test.each<[string, Condition]>([
    ['host == shop', host('shop')],
    ['HOST=shop', host('shop')],
    ['host is shop', host('shop')],
    ['host has shop', host('shop')],
    ['host contains shop', host('shop')],
    ['host != shop', no(host('shop'))],
    ['host ! shop', no(host('shop'))],
    ['host not shop', no(host('shop'))],
    ['host misses shop', no(host('shop'))],
    ['! host is shop', no(host('shop'))],
    ['NOT host is shop', no(host('shop'))],
    ['not host != shop', host('shop')],
    ['host = "a (b)"', host('a (b)')],
    ["host = 'a \"b'", host('a "b')],
    ['User-Agent==Android', agent('Android')],
    ['user.agent = Android', agent('Android')],
    ['useragent = Android', agent('Android')],
    [' ( User-Agent == Android ) ', agent('Android')],
    ['has header X-Beta', { kind: 'has-header', name: 'X-Beta' }],
    ['contains header X-Beta', { kind: 'has-header', name: 'X-Beta' }],
    ['misses header X-Beta', no({ kind: 'has-header', name: 'X-Beta' })],
    ['has cookie beta', { kind: 'has-cookie', name: 'beta' }],
    ['misses cookie beta', no({ kind: 'has-cookie', name: 'beta' })],
    ['header X-Beta has 12', { kind: 'header', name: 'X-Beta', value: '12' }],
    ['header user-agent has Chrome', agent('Chrome')],
    ['cookie beta contains 12', { kind: 'cookie', name: 'beta', value: '12' }],
    ['cookie beta misses 12', no({ kind: 'cookie', name: 'beta', value: '12' })],
    [' < hdr_sub(user-agent)  Android > ', { kind: 'raw', acl: 'hdr_sub(user-agent)  Android' }],
  ])('%s', (text, condition) => {
    expect(read(text)).toEqual(condition);
  });
});

describe('several tests', () => {
  test.each<[string, Condition]>([
    ['host=a or host=b and host=c', any(host('a'), all(host('b'), host('c')))],
    ['(host=a or host=b) and host=c', all(any(host('a'), host('b')), host('c'))],
    ['(host=a | host=b )& host=c', all(any(host('a'), host('b')), host('c'))],
    ['host=a AND (host=b and host=c) OR host=d', any(all(host('a'), host('b'), host('c')), host('d'))],
    ['not (host=a or host=b)', no(any(host('a'), host('b')))],
    ['!(not(host=a))', host('a')],
  ])('%s', (text, condition) => {
    expect(read(text)).toEqual(condition);
  });
});

describe('browsers by name', () => {
  const headers = {
    Chrome:
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36',
    Firefox: 'Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0',
    Edge: 'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36 Edg/120.0',
    Safari: 'Mozilla/5.0 (Macintosh) AppleWebKit/605.1 (KHTML, like Gecko) Version/17.0 Safari/605.1',
    IE: 'Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0)',
  };
  const others = {
    Edge: 'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/39.0 Safari/537 Edge/12.0 (Trident/7.0)',
    IE: 'Mozilla/5.0 (Windows NT 6.3; Trident/7.0; rv:11.0) like Gecko',
  };

  function meets(condition: Condition, header: string): boolean {
    if (condition.kind === 'and') return condition.operands.every((each) => meets(each, header));
    if (condition.kind === 'or') return condition.operands.some((each) => meets(each, header));
    if (condition.kind === 'not') return !meets(condition.operand, header);
    return condition.kind === 'user-agent' && header.includes(condition.value);
  }

  test.each([...Object.entries(headers), ...Object.entries(others)])(
    '%s is that and no other',
    (name, header) => {
      const met = Object.keys(headers).filter((each) =>
        meets(read(`User-Agent = ${each.toUpperCase()}`), header),
      );
      expect(met).toEqual([name]);
    },
  );

  test('a name in a list stays in its parentheses', () => {
    expect(read('user-agent = ie and host = a')).toEqual(
      all(any(agent('MSIE'), agent('Trident')), no(agent('Edg')), host('a')),
    );
    expect(read('user-agent != Firefox')).toEqual(no(agent('Firefox')));
  });
});

describe('no condition', () => {
  test.each<[string, number, string, string]>([
    ['', 0, 'it is empty', 'User-Agent'],
    ['hdr_sub(user-agent) Android', 0, '"hdr_sub" begins no test', 'own words stand between < and >.'],
    ['{ path_beg /a }', 0, '"{" begins no test', 'own words stand between < and >.'],
    ['hots = a', 0, '"hots" begins no test', 'Did you mean host?'],
    ['host = a and', 12, 'the end begins no test', 'Write a condition'],
    ['host a', 5, 'a comparison is missing before "a"', 'host = VALUE'],
    ['host =', 6, 'a host name is missing', 'Write a host name'],
    ['host = a b', 9, '"and" or "or" is missing before "b"', 'Join'],
    // As Vamp read it: without a blank the signs are part of the name.
    ['host=a|| host=b', 9, '"and" or "or" is missing before "host=b"', 'Join'],
    ['host = a)', 8, '"and" or "or" is missing before ")"', 'Remove it'],
    ['(host = a', 9, '")" is missing before the end', 'Close'],
    ['host = "a', 7, 'the quote " is not closed', 'Write "'],
    ['host = ""', 7, 'a host name is empty', 'Write a host name'],
    ['host = "a\nb"', 7, 'a character that cannot be seen', 'Remove'],
    ['has beta', 4, '"header" or "cookie" is missing before "beta"', 'has header NAME'],
    ['header X-Beta = 12', 14, '"has", "contains" or "misses" is missing before "="', 'header NAME has'],
    ['has header a(b', 12, '"and" or "or" is missing before "("', 'Join'],
    ['has header "a b"', 11, "a header's name holds something else", 'Write the name alone'],
    ['<always_true', 0, 'the "<" is not closed', 'Write ">"'],
    ['<a <b>>', 0, 'there is a "<" within "<"', 'one pair'],
    ['< >', 0, 'the test is empty', 'Write'],
  ])('%s', (text, offset, what, remedy) => {
    const result = parseCondition(text, withRaw);
    expect(result).toEqual({
      ok: false,
      flaw: { offset, what: expect.stringContaining(what), remedy: expect.stringContaining(remedy) },
    });
  });

  test('are words of HAProxy that nobody has allowed', () => {
    const result = parseCondition('host = a and <always_true>', plain);
    expect(result).toMatchObject({
      ok: false,
      flaw: { offset: 13, remedy: expect.stringContaining('--allow-templates') },
    });
  });

  test('is what is too long or too deep', () => {
    expect(parseCondition(`host = ${'a'.repeat(20_000)}`, plain).ok).toBe(false);
    expect(parseCondition(`${'('.repeat(8_000)}host = a${')'.repeat(8_000)}`, plain).ok).toBe(false);
    expect(read(`${'('.repeat(90)}host = a${')'.repeat(90)}`)).toEqual(host('a'));
  });
});

const value = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9.;/*()<>'&|!= -]{0,12}[a-z]$/),
  fc.stringMatching(/^[A-Za-z0-9."()&|]{0,12}[a-z]$/).filter((text) => text.trim() === text),
  fc.constantFrom('Chrome', 'ie', 'and', 'not', 'has'),
);
const name = fc.oneof(fc.stringMatching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,12}$/), fc.constant('has'));
const leaf: fc.Arbitrary<Condition> = fc.oneof(
  value.map(host),
  value.map(agent),
  name.map((name): Condition => ({ kind: 'has-header', name })),
  name.map((name): Condition => ({ kind: 'has-cookie', name })),
  fc.record({
    kind: fc.constant('header' as const),
    name: name.filter((n) => n.toLowerCase() !== 'user-agent'),
    value,
  }),
  fc.record({ kind: fc.constant('cookie' as const), name, value }),
  fc.stringMatching(/^[a-z(),_ 0-9]{0,12}[a-z]$/).map((acl): Condition => ({ kind: 'raw', acl: acl.trim() })),
);
const tree: fc.Arbitrary<Condition> = fc.letrec<{ tree: Condition }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc
      .tuple(
        fc.constantFrom('and' as const, 'or' as const),
        fc.array(tie('tree'), { minLength: 2, maxLength: 4 }),
      )
      .map(([kind, operands]) => joined(kind, operands)),
    tie('tree').map(denied),
  ),
})).tree;

test('what is written is read as what it was', () => {
  fc.assert(
    fc.property(tree, (condition) => {
      expect(read(conditionText(condition))).toEqual(condition);
    }),
  );
});

test('no text throws, and what is read is written and read as the same', () => {
  const words = fc.constantFrom(
    'host',
    '=',
    'a',
    '(',
    ')',
    'and',
    'or',
    'not',
    '"b c"',
    '<x>',
    'header',
    'has',
    '!',
    'User-Agent',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(words).map((each) => each.join(' ')),
      ),
      (text) => {
        const result = parseCondition(text, withRaw);
        const again = result.ok ? parseCondition(conditionText(result.condition), withRaw) : result;
        expect(again).toEqual(result);
        expect(result.ok ? 0 : result.flaw.offset).toBeLessThanOrEqual(text.length);
      },
    ),
  );
});

test('64 tests in any nesting stay 64 tests, read and written', () => {
  const leaves = (condition: Condition): number => {
    if (condition.kind === 'not') return leaves(condition.operand);
    if (condition.kind !== 'and' && condition.kind !== 'or') return 1;
    return condition.operands.reduce((sum, each) => sum + leaves(each), 0);
  };
  const pairs = Array.from({ length: 32 }, (_, n) => `(host = a${n} or not header X-${n} has b)`).join(
    ' and ',
  );
  let nested = 'host = a0';
  for (let n = 1; n < 64; n += 1) nested = `not (${nested} ${n % 2 === 0 ? 'and' : 'or'} host = a${n})`;
  for (const text of [pairs, nested]) {
    const condition = read(text);
    expect(leaves(condition)).toBe(64);
    expect(conditionText(condition).length).toBeLessThan(2 * text.length);
    expect(read(conditionText(condition))).toEqual(condition);
  }
});
