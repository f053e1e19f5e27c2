/** Generated documentation is as fresh as what it is generated from, and what is written beside it is true of it. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { messages } from '../../src/observe/log.ts';
import { metricTable } from '../../src/observe/metric-table.ts';
import { filesUnder } from '../support/tree.ts';
import { root } from './root.ts';
import { replaced, sections } from './sections.ts';

function read(file: string): string {
  return readFileSync(new URL(file, root), 'utf8');
}

const pages = filesUnder(root.pathname).filter((path) => path.endsWith('.md'));

describe('generated documentation', () => {
  test.each(sections)('$file, part $marker (else run: npm run docs)', (section) => {
    const text = read(section.file);
    expect(text).toBe(replaced(text, section));
  });

  test('a stale part is noticed', () => {
    const section = { file: 'x.md', marker: 'm', render: () => 'new' };
    const stale = 'before\n<!-- generated: m -->\n\nold\n\n<!-- end -->\nafter\n';
    expect(replaced(stale, section)).toBe('before\n<!-- generated: m -->\n\nnew\n\n<!-- end -->\nafter\n');
    expect(() => replaced('no markers', section)).toThrow('x.md has no part');
  });
});

describe('pages', () => {
  test.each(pages)('%s: every row of a table has as many cells as its header', (page) => {
    for (const table of tablesOf(read(page))) {
      expect(new Set(table.map((row) => row.replaceAll('\\|', '').split('|').length)).size, table[0]).toBe(1);
    }
  });

  test.each(pages)('%s: links to files lead somewhere', (page) => {
    const files = filesUnder(root.pathname);
    const missing = linksOf(read(page))
      .map((link) => new URL(link, new URL(page, root)).pathname.slice(root.pathname.length))
      .filter(
        (path) => !files.some((file) => file === path || (path.endsWith('/') && file.startsWith(path))),
      );
    expect(missing).toEqual([]);
  });
});

test('the labels in the README are those of the examples', () => {
  const shown: unknown = JSON.parse(/```json\n([^]*?)\n```/.exec(read('README.md'))?.[1] ?? '{}');
  const example = z.object({ id: z.string(), labels: z.record(z.string(), z.string()) });
  const files = filesUnder(root.pathname, 'docs/examples').map((file) =>
    example.parse(JSON.parse(read(file))),
  );
  expect(shown).toEqual(Object.fromEntries(files.map(({ id, labels }) => [id, labels])));
});

test('queries name metrics that exist', () => {
  const names = [...new Set(read('docs/metrics.md').match(/\bbaton_\w+/g))];
  const known: readonly string[] = Object.values(metricTable).map(({ name }) => name);
  expect(names.filter((name) => !known.includes(name))).toEqual([]);
});

test('every log message is explained', () => {
  const text = read('docs/operations.md');
  expect(Object.values(messages).filter((message) => !text.includes(`\`${message}\``))).toEqual([]);
});

test('every error code in the source is explained', () => {
  const text = read('docs/errors.md');
  // Those of the simulator are Marathon's; those of the command line show only as exit codes.
  const sources = filesUnder(root.pathname).filter((path) => /^src\/(?!simulator|cli).*\.ts$/.test(path));
  const codes = sources.flatMap((path) =>
    [...read(path).matchAll(/readonly code = '([a-z-]+)'/g)].map(([, code]) => code ?? ''),
  );
  expect(codes).toContain('config-invalid');
  expect(codes.filter((code) => !text.includes(`\`${code}\``))).toEqual([]);
});

/** Runs of lines that begin with a bar, outside of code blocks. */
function tablesOf(text: string): readonly (readonly string[])[] {
  return withoutCode(text)
    .split(/\n(?!\|)/)
    .map((part) => part.split('\n').filter((line) => line.startsWith('|')))
    .filter((table) => table.length > 0);
}

/** Relative ones, without what comes after a `#`. */
function linksOf(text: string): readonly string[] {
  return [...withoutCode(text).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) => link ?? '');
}

function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```$/gm, '');
}
