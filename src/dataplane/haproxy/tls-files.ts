/** The files that TLS needs, looked at before HAProxy is: one that it cannot read would keep it from loading anything. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Diagnostic, Listener } from '../../declared/types.ts';
import { diagnostic } from '../diagnostics.ts';

type FileKind = 'certificate' | 'authority' | 'revocations';

export interface TlsFiles {
  /** Looks at what the listeners need; files that have not changed since are not read again. */
  readonly look: (listeners: readonly Listener[]) => Promise<void>;
  /** The files looked at so far that cannot be used, by path, with the reason. */
  readonly problems: ReadonlyMap<string, string>;
  /** Changes when the file does. */
  readonly stamp: (path: string) => string;
  /** The certificates that Baton was given and that can be used. */
  readonly given: () => readonly string[];
  /** About the others of those. */
  readonly diagnostics: () => readonly Diagnostic[];
}

/** What OpenSSL takes at the security level that distributions set. */
const shortestRsaBits = 2_048;
const biggestFile = 4 * 1024 * 1024;

/** @param given certificates for all listeners over TLS */
export function createTlsFiles(given: readonly string[]): TlsFiles {
  const paths = given.map((path) => resolve(path));
  const stamps = new Map<string, string>();
  const problems = new Map<string, string>();

  async function lookAt(path: string, kind: FileKind): Promise<void> {
    const stamp = `${kind} ${await stampOf(path)}`;
    if (stamps.get(path) === stamp) return;
    const problem = await problemOf(path, kind);
    stamps.set(path, stamp);
    if (problem === null) problems.delete(path);
    else problems.set(path, problem);
  }

  return {
    async look(listeners) {
      const files = new Map([...filesOf(listeners), ...paths.map((path) => [path, 'certificate'] as const)]);
      await Promise.all([...files].map(([path, kind]) => lookAt(path, kind)));
    },
    problems,
    stamp: (path) => stamps.get(path) ?? '',
    given: () => paths.filter((path) => !problems.has(path)),
    diagnostics: () =>
      paths.flatMap((path) => {
        const problem = problems.get(path);
        return problem === undefined ? [] : [diagnostic('certificate-unusable', null, `${path}: ${problem}`)];
      }),
  };
}

/** All that the listeners name, and what it must be. */
function filesOf(listeners: Iterable<Listener>): ReadonlyMap<string, FileKind> {
  const files = new Map<string, FileKind>();
  for (const { tls, bindOptions } of listeners) {
    for (const path of tls?.certificates ?? []) files.set(path, 'certificate');
    for (const [at, word] of bindOptions.entries()) {
      const kind = kindAfter(bindOptions[at - 1]);
      if (kind !== null) files.set(word, kind);
    }
  }
  return files;
}

/** What kind of file follows a bind option; null: none. */
export function kindAfter(option: string | undefined): FileKind | null {
  if (option === 'crt') return 'certificate';
  if (option === 'ca-file') return 'authority';
  return option === 'crl-file' ? 'revocations' : null;
}

async function stampOf(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${Math.round(mtimeMs)}-${size}-${ino}`;
  } catch {
    return 'none';
  }
}

async function problemOf(path: string, kind: FileKind): Promise<string | null> {
  try {
    if ((await stat(path)).size > biggestFile) return 'it is too big';
    const text = await readFile(path, 'utf8');
    if (kind === 'revocations') {
      return blocks(text, 'X509 CRL').length > 0 ? null : 'it holds no list of revoked certificates in PEM';
    }
    const certificates = blocks(text, 'CERTIFICATE').map((block) => new X509Certificate(block));
    const [own] = certificates;
    if (own === undefined) return 'it holds no certificate in PEM';
    if (kind === 'authority') return null;
    return keyProblem(own, await keyText(path, text));
  } catch (error) {
    return reasonIn(error);
  }
}

/** HAProxy looks for a key in the file, then beside it. */
async function keyText(path: string, text: string): Promise<string> {
  return text.includes('PRIVATE KEY-----') ? text : await readFile(`${path}.key`, 'utf8').catch(() => '');
}

function keyProblem(certificate: X509Certificate, text: string): string | null {
  const [block] = blocks(text, '(?:[A-Z]+ )?PRIVATE KEY');
  if (block === undefined) return 'there is no private key in it, nor beside it with the ending .key';
  const key = createPrivateKey(block);
  if (!certificate.checkPrivateKey(key)) return 'its private key is of another certificate';
  const bits = certificate.publicKey.asymmetricKeyDetails?.modulusLength ?? shortestRsaBits;
  return bits < shortestRsaBits ? `its key of ${bits} bits is too short` : null;
}

function blocks(text: string, what: string): readonly string[] {
  return text.match(new RegExp(`-----BEGIN ${what}-----[^]*?-----END ${what}-----`, 'g')) ?? [];
}

function reasonIn(error: unknown): string {
  if (!(error instanceof Error)) return 'it cannot be read';
  return 'code' in error && error.code === 'ENOENT' ? 'there is no such file' : error.message;
}
