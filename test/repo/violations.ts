/** Violations of the layers, planted in a copy by layers.test.ts, by who must refuse them. */

/** The file, what is in it, and words of the refusal. */
export type Violation = readonly [file: string, text: string, says: string];

/** What the compiler refuses. */
export const forTheCompiler: readonly Violation[] = [
  [
    'src/store/up-value.ts',
    "import { room } from '../controller/room.ts'; export const up = room;",
    'TS6307',
  ],
  [
    'src/store/up-type.ts',
    "import type { room } from '../controller/room.ts'; export type Up = typeof room;",
    'TS6307',
  ],
  ['src/plan/timer.ts', 'setTimeout(() => undefined, 1);', "TS2304: Cannot find name 'setTimeout'"],
  [
    'src/plan/zod-timer.ts',
    "import 'zod'; setInterval(() => undefined, 1);",
    "TS2304: Cannot find name 'setInterval'",
  ],
  [
    'src/plan/performance.ts',
    'export const now = performance.now();',
    "TS2304: Cannot find name 'performance'",
  ],
  ['src/plan/process.ts', 'export const pid = process.pid;', "TS2591: Cannot find name 'process'"],
  [
    'src/plan/fetching.ts',
    "export const answer = fetch('http://127.0.0.1');",
    "TS2304: Cannot find name 'fetch'",
  ],
  [
    'src/plan/files.ts',
    "import { readFileSync } from 'node:fs'; export const read = readFileSync;",
    'TS2591',
  ],
  ['src/marathon/enumeration.ts', 'export enum Colour { Red }', 'TS1294'],
];

/** What the linter refuses, by rule. */
export const forTheLinter: readonly Violation[] = [
  ['src/plan/date-now.ts', 'export const now = Date.now();', 'no-restricted-globals'],
  ['src/plan/date-new.ts', 'export const now = new Date();', 'no-restricted-globals'],
  ['src/plan/date-global.ts', 'export const now = globalThis.Date;', 'no-restricted-globals'],
  ['src/plan/intl.ts', 'export const now = new Intl.DateTimeFormat().format();', 'no-restricted-globals'],
  ['src/plan/clock.ts', 'export const now = performance.now();', 'no-restricted-globals'],
  ['src/model/dice.ts', 'export const dice = Math.random();', 'no-restricted-properties'],
  ['src/model/dice-taken.ts', 'export const { random } = Math;', 'no-restricted-properties'],
  ['src/model/dice-named.ts', "export const dice = Math['random']();", 'no-restricted-properties'],
  ['src/declared/evaluated.ts', "export const now = new Function('return Date.now()');", 'no-implied-eval'],
  [
    'src/declared/files.ts',
    "import { readFileSync } from 'node:fs'; export const read = readFileSync;",
    'no-restricted-imports',
  ],
  [
    'src/declared/files-bare.ts',
    "import type { Stats } from 'fs'; export type A = Stats;",
    'no-restricted-imports',
  ],
  ['src/declared/files-late.ts', "export const late = import('node:fs/promises');", 'no-restricted-imports'],
  [
    'src/plan/package.ts',
    "import { fetch } from 'undici'; export const get = fetch;",
    'no-restricted-imports',
  ],
  [
    'src/plan/package-type.ts',
    "import type { Logger } from 'pino'; export type Log = Logger;",
    'no-restricted-imports',
  ],
  ['src/plan/package-again.ts', "export { fetch } from 'undici';", 'no-restricted-imports'],
  ['src/model/types.ts', '/// <reference types="node" />\nexport const pid = 1;', 'triple-slash-reference'],
  ['src/model/lib.ts', '/// <reference lib="dom" />\nexport const pid = 1;', 'triple-slash-reference'],
  [
    'src/model/path.ts',
    '/// <reference path="../store/room.ts" />\nexport const pid = 1;',
    'triple-slash-reference',
  ],
  [
    'src/store/floating.ts',
    'async function go() {}\nexport function start() { go(); }',
    'no-floating-promises',
  ],
  [
    'src/store/cycle-a.ts',
    "import { b } from './cycle-b.ts'; export const a = (): unknown => b;",
    'no-cycle',
  ],
  [
    'src/store/cycle-b.ts',
    "import { a } from './cycle-a.ts'; export const b = (): unknown => a;",
    'no-cycle',
  ],
  ['src/store/anything.ts', 'export function take(what: any): unknown { return what; }', 'no-explicit-any'],
  ['src/store/default.ts', 'export default function start() {}', 'no-default-export'],
  [
    'src/store/long.ts',
    Array.from({ length: 301 }, (_, n) => `export const n${n} = ${n};`).join('\n'),
    'max-lines',
  ],
  [
    'test/focused.test.ts',
    "import { it } from 'vitest';\nit.only('runs alone', () => {});",
    'no-focused-tests',
  ],
];

/** What only the checker of test/support/layers.ts sees. */
export const forTheChecker: readonly Violation[] = [
  [
    'src/controller/far.ts',
    "import { room } from '../api/room.ts'; export const far = room;",
    'imports from src/api',
  ],
  [
    'src/api/indirect.ts',
    "import { room } from '../marathon/room.ts'; export const far = room;",
    'imports from src/marathon',
  ],
  ['src/api/indirect-type.ts', "export type { room } from '../store/room.ts';", 'imports from src/store'],
  [
    'src/api/indirect-late.ts',
    "export const late = import(/* late */ '../config/room.ts');",
    'imports from src/config',
  ],
  [
    'src/api/deep/nested.ts',
    "import { room } from '../../dataplane/room.ts'; export const far = room;",
    'imports from src/dataplane',
  ],
  [
    'src/api/inline.ts',
    "export type Far = typeof import('../simulator/room.ts').room;",
    'imports from src/simulator',
  ],
  [
    'src/api/from-test.ts',
    "import { room } from '../../test/room.ts'; export const far = room;",
    'imports from test',
  ],
  [
    'src/api/computed.ts',
    'export const late = (where: string): unknown => import(where);',
    'imports something computed',
  ],
  ['src/api/plain.mjs', 'export const unchecked = 1;', 'nothing type-checks'],
  [
    'src/plan/ambient.ts',
    'declare const Clock: { now(): number };\nexport const now = Clock.now();',
    'declares something from outside',
  ],
  ['src/plan/aliased.ts', 'const m = Math;\nexport const dice = m.random();', 'hands Math around'],
  [
    'src/plan/silenced.ts',
    '// oxlint-disable-next-line no-restricted-globals\nexport const now = Date.now();',
    'switches a rule of purity off',
  ],
  [
    'src/plan/silenced-all.ts',
    '/* eslint-disable */\nexport const now = Date.now();',
    'switches a rule of purity off',
  ],
  ['src/plan/ignored.ts', '// @ts-ignore\nexport const pid = process.pid;', 'switches the compiler off'],
];
