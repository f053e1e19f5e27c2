/** The layers hold in this checkout, and each way of breaking them is refused by tsc, by oxlint or by the checker. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { layerProblems } from '../support/layers.ts';
import { checkout, type PlantedTree, plantTree, runTool, type ToolResult } from '../support/planted.ts';
import { filesUnder } from '../support/tree.ts';
import { forTheChecker, forTheCompiler, forTheLinter, type Violation } from './violations.ts';

describe('this checkout', () => {
  it('keeps to the layers', () => {
    expect(layerProblems(checkout)).toEqual([]);
  });
});

describe('an untouched copy', () => {
  let tree: PlantedTree;
  beforeAll(() => {
    tree = plantTree();
  });
  afterAll(() => tree.remove());

  it('passes the checker, tsc and oxlint', () => {
    expect(layerProblems(tree.root)).toEqual([]);
    expect(runTool(tree.root, 'tsc', ['-b'])).toEqual({ code: 0, output: '' });
    expect(runTool(tree.root, 'oxlint', ['src', 'test'])).toMatchObject({ code: 0 });
  });

  it('gives each room a place of its own for its types, so that files of one name do not meet', () => {
    expect(runTool(tree.root, 'tsc', ['-b']).code).toBe(0);
    const types = filesUnder(join(tree.root, '.cache/types'));
    expect(types).toEqual(
      expect.arrayContaining(['src/model/room.d.ts', 'src/plan/room.d.ts', 'test/room.d.ts']),
    );
  });
});

describe('a copy with planted violations', () => {
  let tree: PlantedTree;
  let compiler: ToolResult;
  let linter: ToolResult;
  let problems: readonly string[];

  beforeAll(() => {
    tree = plantTree();
    // One kind after the other: a room whose project the compiler refuses hides what is wrong above it.
    compiler = plantAndRun(tree, forTheCompiler, () =>
      runTool(tree.root, 'tsc', ['-b', '--pretty', 'false']),
    );
    linter = plantAndRun(tree, forTheLinter, () =>
      runTool(tree.root, 'oxlint', ['--format=unix', 'src', 'test']),
    );
    problems = plantAndRun(tree, forTheChecker, () => layerProblems(tree.root));
  });
  afterAll(() => tree.remove());

  it.each(forTheCompiler)('tsc refuses %s', (file, _text, says) => {
    expect(compiler.code).not.toBe(0);
    expect(errorsNaming(file, compiler.output)).toContain(says);
  });

  it.each(forTheLinter)('oxlint refuses %s', (file, _text, rule) => {
    expect(linter.code).not.toBe(0);
    expect(linesNaming(file, linter.output).join('\n')).toContain(rule);
  });

  it.each(forTheChecker)('the checker refuses %s', (file, _text, says) => {
    expect(problems.find((problem) => problem.startsWith(`${file} `))).toContain(says);
  });
});

describe('a copy whose projects are wrong', () => {
  const cases: readonly (readonly [string, (tree: PlantedTree) => void, string])[] = [
    [
      'a room without a tsconfig',
      (tree) => tree.write('src/extra/a.ts', 'export const a = 1;'),
      'src/extra has no tsconfig.json, so nothing checks it',
    ],
    [
      'a room that lost its tsconfig',
      (tree) => rmSync(join(tree.root, 'src/store/tsconfig.json')),
      'src/store has no tsconfig.json, so nothing checks it',
    ],
    [
      'a room that the root does not list',
      (tree) => {
        tree.write('src/extra/a.ts', 'export const a = 1;');
        tree.write('src/extra/tsconfig.json', '{"extends":"../../tsconfig.json","include":["**/*.ts"]}');
      },
      'src/extra holds sources, but tsconfig.json does not list it',
    ],
    [
      'a reference upward',
      (tree) => rewriteModel(tree, { references: [{ path: '../plan' }] }),
      'src/model refers to src/plan, which tsconfig.json does not list before it',
    ],
    [
      'a pure room with node types',
      (tree) => rewriteModel(tree, { types: ['node'] }),
      'src/model has types ["node"], not []',
    ],
    [
      'a room that is less strict',
      (tree) => rewriteModel(tree, { strict: false }),
      'src/model sets strict: the root does',
    ],
    [
      'a room that leaves files out',
      (tree) => rewriteModel(tree, { include: ['room.ts'] }),
      'src/model includes ["room.ts"], not ["**/*.ts"]',
    ],
  ];

  it.each(cases)('the checker refuses %s', (_name, spoil, says) => {
    const tree = plantTree();
    try {
      spoil(tree);
      expect(layerProblems(tree.root)).toContain(says);
    } finally {
      tree.remove();
    }
  });
});

function plantAndRun<T>(tree: PlantedTree, violations: readonly Violation[], check: () => T): T {
  for (const [file, text] of violations) tree.write(file, text);
  const result = check();
  for (const [file] of violations) rmSync(join(tree.root, file));
  return result;
}

function rewriteModel(
  tree: PlantedTree,
  change: {
    readonly types?: string[];
    readonly strict?: boolean;
    readonly include?: string[];
    readonly references?: object[];
  },
): void {
  const { types = [], include = ['**/*.ts'], references = [], ...options } = change;
  const config = {
    extends: '../../tsconfig.json',
    compilerOptions: { types, ...options },
    include,
    references,
  };
  tree.write('src/model/tsconfig.json', JSON.stringify(config));
}

function linesNaming(file: string, output: string): readonly string[] {
  return output.split('\n').filter((line) => line.includes(file));
}

/** The compiler's errors that name a file, in their first line or in the lines of explanation below it. */
function errorsNaming(file: string, output: string): string {
  return output
    .split(/\n(?=\S)/)
    .filter((error) => error.includes(file))
    .join('\n');
}
