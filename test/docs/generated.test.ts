/** Generated documentation is as fresh as what it is generated from. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { labelsTable } from './labels.ts';
import { replaced, root, sections } from './sections.ts';

describe('generated documentation', () => {
  test.each(sections)('$file, part $marker (else run: npm run docs)', (section) => {
    const text = readFileSync(new URL(section.file, root), 'utf8');
    expect(text).toBe(replaced(text, section));
  });

  test('a stale part is noticed', () => {
    const section = { file: 'x.md', marker: 'm', render: () => 'new' };
    const stale = 'before\n<!-- generated: m -->\n\nold\n\n<!-- end -->\nafter\n';
    expect(replaced(stale, section)).toBe('before\n<!-- generated: m -->\n\nnew\n\n<!-- end -->\nafter\n');
    expect(() => replaced('no markers', section)).toThrow('x.md has no part');
  });

  test('every row of the tables has as many cells as its header', () => {
    for (const table of labelsTable().split('\n\n')) {
      const cells = table.split('\n').map((line) => line.replaceAll('\\|', '').split('|').length);
      expect(new Set(cells).size).toBe(1);
    }
  });
});
