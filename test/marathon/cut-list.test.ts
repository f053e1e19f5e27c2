/** A long list is cut out of JSON as JSON.parse would have it, or not at all. */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cutList, textOf } from '../../src/marathon/cut-list.ts';

/** Parsed element by element; `not cut`, or `no JSON` where an element is none. */
async function cut(text: string): Promise<unknown> {
  const json = Buffer.from(text, 'utf8');
  const list = await cutList(json, 'apps');
  if (list === null) return 'not cut';
  try {
    return list.map((slice) => JSON.parse(textOf(json, slice)) as unknown);
  } catch {
    return 'no JSON';
  }
}

function whole(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return 'no JSON';
  }
}

it.each([
  ['{"apps":[]}', []],
  ['{"apps":[1,"two",null,{"three":[3]},[],true]}', [1, 'two', null, { three: [3] }, [], true]],
  [' {\r\n\t"x" : {"apps":[7]} , "apps" : [ 1 , 2 ] , "y":[[]] } \n', [1, 2]],
  ['{"apps":["]","\\"","\\\\","{[,:"]}', [']', '"', '\\', '{[,:']],
  ['{"apps":["ü","\\u00fc","💡"]}', ['ü', 'ü', '💡']],
  ['{"apps":[1],"apps":[2]}', [2]],
  ['{"apps":[1],"a\\u0070ps":[2]}', [2]],
])('cuts %j', async (text, elements) => {
  expect(await cut(text)).toEqual(elements);
});

it.each([
  '',
  '[]',
  'null',
  '{}',
  '{"apps":{}}',
  '{"apps":null}',
  '{"apps":[1]',
  '{"apps":[1',
  '{"apps":[1,]}',
  '{"apps":[,1]}',
  '{"apps":[1 2]}',
  '{"apps":[1]}}',
  '{"apps":[1]} x',
  '{"apps":[1],}',
  '{"apps":[1]"x":2}',
  '{"apps":[1],"x"}',
  '{"apps":[1],"x":}',
  '{"apps":[1],x:1}',
  '{"apps":[1],"x":tru}',
  '{"apps" [1]}',
  '\ufeff{"apps":[1]}',
  '<html>',
])('leaves %j to whoever parses all of it', async (text) => {
  expect(await cut(text)).toBe('not cut');
});

it('is the same as parsing all of it', async () => {
  const property = fc.asyncProperty(
    fc.array(fc.jsonValue({ noUnicodeString: false }), { maxLength: 8 }),
    fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }),
    fc.boolean(),
    fc.nat(3),
    async (apps, others, first, indent) => {
      const object = Object.fromEntries([
        ...(first ? [['apps', apps] as const] : []),
        ...Object.entries(others),
        ['apps', apps] as const,
      ]);
      const text = JSON.stringify(object, null, indent);
      expect(await cut(text)).toEqual((whole(text) as { apps: unknown }).apps);
    },
  );
  await fc.assert(property, { numRuns: 300 });
});

it('never takes for whole what is not', async () => {
  const property = fc.asyncProperty(
    fc.array(fc.jsonValue(), { maxLength: 4 }),
    fc.nat(),
    fc.nat(),
    fc.constantFrom('', '{', '}', '[', ']', '"', ':', ',', '\\', ' ', 'x', '0'),
    async (apps, from, length, put) => {
      const text = JSON.stringify({ apps, other: [{}] });
      const at = from % text.length;
      const broken = text.slice(0, at) + put + text.slice(at + (length % 4));
      const found = await cut(broken);
      const parsed = whole(broken);
      const agrees =
        found === 'not cut' ||
        (found === 'no JSON'
          ? parsed === found
          : isDeepStrictEqual((parsed as { apps: unknown }).apps, found));
      expect([broken, agrees]).toEqual([broken, true]);
    },
  );
  await fc.assert(property, { numRuns: 2_000 });
});
