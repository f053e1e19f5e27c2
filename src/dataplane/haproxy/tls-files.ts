/** The files that TLS needs, tried before they are loaded: one that HAProxy does not take would keep it from loading anything. */
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Diagnostic, Listener } from '../../declared/types.ts';
import { datesDiagnostic, fileDiagnostic } from '../diagnostics.ts';
import { type Untimely, untimelyAt, validitiesIn, type Validity } from './tls-dates.ts';
import { asksForPassphrase, keyText, reasonOf } from './tls-reasons.ts';
import { complaintsIn, tryOut, type Where } from './trial.ts';

export type FileKind = 'certificate' | 'authority' | 'revocations';

export interface TlsFiles {
  /** Looks at what the listeners need; files that have not changed since are not looked at again. */
  readonly look: (listeners: readonly Listener[], signal: AbortSignal) => Promise<void>;
  /** Why a file cannot be used as that; null when it can, or has not been looked at. */
  readonly problemOf: (path: string, kind: FileKind) => string | null;
  /** What is wrong now with the dates of a certificate that can be used; null when nothing is. */
  readonly untimelyOf: (path: string) => Untimely | null;
  /** Changes when the file does. */
  readonly stamp: (path: string) => string;
  /** The certificates that Baton was given and that can be used. */
  readonly given: () => readonly string[];
  /** About the others of those, and about dates. */
  readonly diagnostics: () => readonly Diagnostic[];
}

/** What a file is needed as. */
interface Use {
  readonly path: string;
  readonly kind: FileKind;
}

/** What is known of a file as long as its stamp stays, by kind. */
interface Known {
  readonly stamp: string;
  readonly found: Map<FileKind, Found>;
}

interface Found {
  /** Null: it can be used. */
  readonly problem: string | null;
  /** Of the certificates in it, where they can be used. */
  readonly validities: readonly Validity[];
}

const biggestFile = 4 * 1024 * 1024;

/**
 * @param given certificates for all listeners over TLS
 * @param where HAProxy, which has the last word; while nothing runs, none is heard
 */
export function createTlsFiles(
  given: readonly string[],
  where: Where,
  now: () => number = Date.now,
): TlsFiles {
  const paths = given.map((path) => resolve(path));
  const known = new Map<string, Known>();

  /** What HAProxy says against each: all of them are tried together, then without those that it names. */
  async function complaints(uses: readonly Use[], signal: AbortSignal): Promise<ReadonlyMap<Use, string>> {
    const against = new Map<Use, string>();
    for (let left = uses; left.length > 0; left = left.filter((use) => !against.has(use))) {
      const before = against.size;
      const { isItsWord, why } = await tryOut(where, configurationFor(left), signal);
      // Whoever is not blamed for sure goes on being served.
      if (!isItsWord || why === null) break;
      for (const { line, words } of complaintsIn(why)) {
        if (line === null || words.includes('too many fatal errors')) continue;
        const use = left[line - beginning.length - 1];
        if (use !== undefined && !against.has(use)) against.set(use, words.replace(/^.* : /, ''));
      }
      if (against.size === before) break;
    }
    return against;
  }

  async function note({ path, kind }: Use, stamp: string, problem: string | null): Promise<void> {
    const validities = kind === 'certificate' && problem === null ? await validitiesIn(path) : [];
    const before = known.get(path);
    const found = before?.stamp === stamp ? before.found : new Map<FileKind, Found>();
    known.set(path, { stamp, found: found.set(kind, { problem, validities }) });
  }

  function problemOf(path: string, kind: FileKind): string | null {
    return known.get(path)?.found.get(kind)?.problem ?? null;
  }

  function untimelyOf(path: string): Untimely | null {
    return untimelyAt(now(), known.get(path)?.found.get('certificate')?.validities ?? []);
  }

  return {
    async look(listeners, signal) {
      const uses = usesOf(listeners, paths);
      const stamps = new Map<string, string>();
      const files = [...new Set(uses.map(({ path }) => path))];
      await Promise.all(files.map(async (path) => stamps.set(path, await stampOf(path))));
      const tried: Use[] = [];
      for (const use of uses) {
        const stamp = stamps.get(use.path) ?? '';
        const before = known.get(use.path);
        if (before?.stamp === stamp && before.found.has(use.kind)) continue;
        const problem = await obstacle(use.path);
        if (problem === null) tried.push(use);
        else await note(use, stamp, problem);
      }
      const against = await complaints(tried, signal);
      for (const use of tried) {
        const words = against.get(use);
        const reason = words === undefined ? null : await reasonOf(use.path, use.kind, words);
        await note(use, stamps.get(use.path) ?? '', reason);
      }
    },
    problemOf,
    untimelyOf,
    stamp: (path) => known.get(path)?.stamp ?? '',
    given: () => paths.filter((path) => problemOf(path, 'certificate') === null),
    diagnostics: () =>
      paths.flatMap((path) => {
        const problem = problemOf(path, 'certificate');
        if (problem !== null) return [fileDiagnostic(null, path, problem)];
        const untimely = untimelyOf(path);
        return untimely === null ? [] : [datesDiagnostic(null, path, untimely)];
      }),
  };
}

/** All that the listeners name, and what each must be, once. */
function usesOf(listeners: readonly Listener[], given: readonly string[]): readonly Use[] {
  const uses = new Map<string, Use>();
  const add = (path: string, kind: FileKind) => uses.set(`${kind} ${path}`, { path, kind });
  for (const path of given) add(path, 'certificate');
  for (const { tls, bindOptions } of listeners) {
    for (const path of tls?.certificates ?? []) add(path, 'certificate');
    for (const [at, word] of bindOptions.entries()) {
      const kind = kindAfter(bindOptions[at - 1]);
      if (kind !== null) add(word, kind);
    }
  }
  return [...uses.values()];
}

/** What kind of file follows a bind option; null: none. */
export function kindAfter(option: string | undefined): FileKind | null {
  if (option === 'crt') return 'certificate';
  if (option === 'ca-file') return 'authority';
  return option === 'crl-file' ? 'revocations' : null;
}

/** With the key beside it, which may come later. */
async function stampOf(path: string): Promise<string> {
  const parts = await Promise.all([path, `${path}.key`].map(stampOfOne));
  return parts.filter((part) => part !== null).join(' ') || 'none';
}

async function stampOfOne(path: string): Promise<string | null> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${Math.round(mtimeMs)}-${size}-${ino}`;
  } catch {
    return null;
  }
}

/** Why HAProxy must not even look at it: it would wait for a device or a passphrase, or load a whole directory. */
async function obstacle(path: string): Promise<string | null> {
  if (!/^[^\s"'\\#\p{Cc}]+$/u.test(path)) return 'its path has characters that end a word';
  try {
    const found = await stat(path);
    if (!found.isFile()) return 'it is no file';
    if (found.size > biggestFile) return 'it is too big';
    return asksForPassphrase(await keyText(path, await readFile(path, 'utf8')))
      ? 'its private key asks for a passphrase, which nobody could give'
      : null;
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return isMissing ? 'there is no such file' : 'Baton cannot read it';
  }
}

/** As in the configuration that is to be loaded. */
const beginning: readonly string[] = [
  'global',
  '  ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets',
  '  tune.ssl.default-dh-param 2048',
  'defaults',
  '  mode http',
  '  timeout connect 1s',
  '  timeout client 1s',
  '  timeout server 1s',
  'frontend :check',
];

const option = { certificate: 'ssl crt', authority: 'ca-file', revocations: 'crl-file' } as const;

function configurationFor(uses: readonly Use[]): string {
  const lines = uses.map(({ path, kind }) => `  bind 127.0.0.1:1 ${option[kind]} ${path}`);
  return [...beginning, ...lines, ''].join('\n');
}
