/** Checks what TypeScript's project references cannot: direct references only, no room unchecked, nothing impure let in. */
import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { filesUnder } from './tree.ts';

/** Rooms that have no clock, no random, no input and no output. */
export const PURE_ROOMS: readonly string[] = ['src/model', 'src/declared', 'src/plan'];

/** A room: a folder with a tsconfig of its own, e.g. `src/plan`; `src` for the files right in it, and `test`. */
interface Room {
  readonly name: string;
  readonly references: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly include: unknown;
  readonly base: unknown;
}

/**
 * Every breach of the layers in the checkout at `root`, one sentence each, sorted; empty when all is well.
 * Reads tsconfig.json files and the imports of each source file; runs nothing.
 */
export function layerProblems(root: string): readonly string[] {
  const listed = referencesOf(readTsconfig(root, '.'), '.');
  const rooms = listed
    .filter((name) => existsSync(join(root, name, 'tsconfig.json')))
    .map((name) => readRoom(root, name));
  return [
    ...listingProblems(root, listed),
    ...orderProblems(rooms),
    ...rooms.flatMap(settingProblems),
    ...rooms.flatMap((room) =>
      sourceFiles(root, room.name).flatMap((file) => fileProblems(root, room, file)),
    ),
  ].toSorted();
}

function listingProblems(root: string, listed: readonly string[]): readonly string[] {
  const needed = new Set(
    ['src', 'deploy', 'test']
      .flatMap((folder) => filesUnder(root, folder))
      .filter(isScript)
      .map(roomOf),
  );
  return [
    ...[...needed]
      .filter((name) => !listed.includes(name))
      .map((name) => `${name} holds sources, but tsconfig.json does not list it`),
    ...[...new Set([...needed, ...listed])]
      .filter((name) => !existsSync(join(root, name, 'tsconfig.json')))
      .map((name) => `${name} has no tsconfig.json, so nothing checks it`),
  ];
}

function orderProblems(rooms: readonly Room[]): readonly string[] {
  return rooms.flatMap((room, index) => {
    const earlier = new Set(rooms.slice(0, index).map(({ name }) => name));
    return room.references
      .filter((name) => !earlier.has(name))
      .map((name) => `${room.name} refers to ${name}, which tsconfig.json does not list before it`);
  });
}

function settingProblems(room: Room): readonly string[] {
  const problems: string[] = [];
  const types = JSON.stringify(room.options['types'] ?? null);
  const wanted = PURE_ROOMS.includes(room.name) ? '[]' : '["node"]';
  if (types !== wanted) problems.push(`${room.name} has types ${types}, not ${wanted}`);
  for (const option of Object.keys(room.options)) {
    if (option !== 'types' && option !== 'tsBuildInfoFile')
      problems.push(`${room.name} sets ${option}: the root does`);
  }
  const include = JSON.stringify(room.include ?? null);
  const all = room.name === 'src' ? '["*.ts"]' : '["**/*.ts"]';
  if (include !== all) problems.push(`${room.name} includes ${include}, not ${all}`);
  const base = `${'../'.repeat(room.name.split('/').length)}tsconfig.json`;
  if (room.base !== base) problems.push(`${room.name} does not extend ${base}`);
  return problems;
}

function fileProblems(root: string, room: Room, file: string): readonly string[] {
  if (!file.endsWith('.ts') || file.endsWith('.d.ts'))
    return [`${file} is a script that nothing type-checks`];
  const text = readFileSync(join(root, file), 'utf8');
  // Tests may import every room, and hold broken imports as examples.
  const imports = room.name === 'test' ? [] : importProblems(room, file, text);
  return [...imports, ...(PURE_ROOMS.includes(room.name) ? purityProblems(file, text) : [])];
}

function importProblems(room: Room, file: string, text: string): readonly string[] {
  const targets = relativeImports(text)
    .map((path) => posix.join(posix.dirname(file), path))
    .filter(isScript);
  const rooms = new Set(targets.map(roomOf).filter((name) => name !== room.name));
  const problems = [...rooms]
    .filter((name) => !room.references.includes(name))
    .map((name) => `${file} imports from ${name}, which is no direct reference of ${room.name}`);
  return COMPUTED_IMPORT.test(text) ? [...problems, `${file} imports something computed`] : problems;
}

/** A gap between two words of an import; comments may stand in it. */
const GAP = String.raw`(?:\s|/\*[\s\S]*?\*/)*`;
const STATIC_IMPORT = new RegExp(
  String.raw`\b(?:from|import)${GAP}\(?${GAP}(['"\`])(\.{1,2}/[^'"\`]*)\1`,
  'g',
);
const COMPUTED_IMPORT = new RegExp(String.raw`\bimport${GAP}\(${GAP}[^\s'"/*]`);
const FILE_OF_OURS = /\bnew URL\(\s*(['"`])(\.{1,2}\/[^'"`]*\.[cm]?[jt]s)\1/g;

function relativeImports(text: string): readonly string[] {
  return [...text.matchAll(STATIC_IMPORT), ...text.matchAll(FILE_OF_OURS)].flatMap((match) => match[2] ?? []);
}

/** Ways around the compiler and the linter that a pure room has no use for. */
function purityProblems(file: string, text: string): readonly string[] {
  const ways: readonly (readonly [RegExp, string])[] = [
    [
      /^\s*(?:export\s+)?declare\s+(?!const \w+: unique symbol;)(?:global|const|let|var|function|class|module|namespace)\b/m,
      'declares something from outside',
    ],
    [/\bMath\b(?!\s*\??\.)/, 'hands Math around, and its random with it'],
    [
      /\b(?:ox|es)lint-disable(?:-next-line|-line)?(?:[ \t]*(?:\n|--|\*\/)|.*\b(?:no-restricted-|triple-slash|no-implied-eval|no-eval))/,
      'switches a rule of purity off',
    ],
    [/@ts-(?:ignore|expect-error|nocheck)/, 'switches the compiler off'],
  ];
  return ways
    .filter(([pattern]) => pattern.test(text))
    .map(([, what]) => `${file} is in a pure room and ${what}`);
}

function sourceFiles(root: string, room: string): readonly string[] {
  return filesUnder(root, room).filter((file) => isScript(file) && roomOf(file) === room);
}

function isScript(file: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(file);
}

/** The room a path belongs to: `src/dataplane/haproxy/map.ts` belongs to `src/dataplane`. */
function roomOf(path: string): string {
  const [top = '', second = '', ...rest] = path.split('/');
  return top === 'src' && rest.length > 0 ? `${top}/${second}` : top;
}

function readRoom(root: string, name: string): Room {
  const config = readTsconfig(root, name);
  return {
    name,
    references: referencesOf(config, name),
    options: isRecord(config['compilerOptions']) ? config['compilerOptions'] : {},
    include: config['include'],
    base: config['extends'],
  };
}

function readTsconfig(root: string, folder: string): Readonly<Record<string, unknown>> {
  const parsed: unknown = JSON.parse(readFileSync(join(root, folder, 'tsconfig.json'), 'utf8'));
  if (!isRecord(parsed)) throw new TypeError(`${folder}/tsconfig.json is no object`);
  return parsed;
}

function referencesOf(config: Readonly<Record<string, unknown>>, folder: string): readonly string[] {
  const references = config['references'];
  if (!Array.isArray(references)) return [];
  return references.map((reference: unknown) =>
    posix.join(folder, isRecord(reference) ? String(reference['path']) : ''),
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
