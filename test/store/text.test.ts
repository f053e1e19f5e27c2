/** Text that is kept for what does not change is the same as all of it written anew. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createText } from '../../src/store/text.ts';

it('is what JSON.stringify makes of it, the first time and again', () => {
  const property = fc.property(fc.jsonValue(), fc.jsonValue(), (one, two) => {
    const text = createText();
    const document = { version: 1, parts: { list: [one, two, one], nested: { list: [two], one } } };
    const all = JSON.stringify(document);
    expect(text.of(document)).toBe(all);
    expect(text.of(document)).toBe(all);
  });
  fc.assert(property, { numRuns: 300 });
});

it('leaves out what is undefined, as JSON does', () => {
  const value = { list: [undefined, { gone: undefined }], gone: undefined, none: null };
  expect(createText().of(value)).toBe('{"list":[null,{}],"none":null}');
});

it('writes an element out anew when it is another object', () => {
  const text = createText();
  const [first, second] = [{ n: 1 }, { n: 2 }];
  expect(text.of([first, second])).toBe('[{"n":1},{"n":2}]');
  expect(text.of([{ n: 3 }, second])).toBe('[{"n":3},{"n":2}]');
});
