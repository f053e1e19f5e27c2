/** Reads a listener: what is in no grammar is a diagnostic, and leaves out as little as it can without taking more. */
import type { Diagnostic, Listener } from '../../declared/types.ts';
import { bindOptions } from '../../declared/marathon-lb/bind-options.ts';
import type { AppId } from '../../model/ids.ts';
import { datesDiagnostic, diagnostic, fileDiagnostic } from '../diagnostics.ts';
import { absolutePath, pathPrefix } from '../../declared/marathon-lb/values.ts';
import { isBindAddress, isHostName, isPort } from './grammar.ts';
import { type FileKind, kindAfter, type TlsFiles } from './tls-files.ts';

/** Beyond it a number would not be exact in HAProxy's rows. */
const highestRank = 1_000_000_000;

/** What a listener over TLS depends on. */
export interface Tls {
  readonly problemOf: TlsFiles['problemOf'];
  readonly untimelyOf: TlsFiles['untimelyOf'];
  /** Whether Baton was given a certificate that can be used. */
  readonly hasCertificate: boolean;
}

/** None, or one. A listener that lost all its names or paths would take everything that comes to the port. */
export function readListener(
  listener: Listener,
  app: AppId,
  tls: Tls,
  diagnostics: Diagnostic[],
): readonly Listener[] {
  const { address, port, rank } = listener;
  const isPlace = isPort(port) && (address === null || isBindAddress(address));
  const isFound = listener.paths.length === 0 || listener.hosts.length > 0;
  if (!isPlace || !isFound || !Number.isInteger(rank)) {
    diagnostics.push(diagnostic('listener-invalid', app, `${address ?? ''}:${port}`));
    return [];
  }
  const hosts = listener.hosts.filter(isHostName);
  for (const host of listener.hosts) {
    if (!isHostName(host)) diagnostics.push(diagnostic('host-name-invalid', app, host));
  }
  const paths = listener.paths.filter(({ prefix }) => pathPrefix(prefix) !== null);
  for (const { prefix } of listener.paths) {
    if (pathPrefix(prefix) === null) diagnostics.push(diagnostic('path-prefix-invalid', app, prefix));
  }
  if (hosts.length === 0 && listener.hosts.length > 0) return [];
  if (paths.length === 0 && listener.paths.length > 0) return [];
  return readTls(listener, app, tls, diagnostics).map((bound) => ({
    ...bound,
    hosts,
    paths,
    rank: Math.max(-highestRank, Math.min(highestRank, rank)),
  }));
}

/** Certificates that bind options name are certificates like all others; `ssl` among them means TLS. */
function readTls(
  listener: Listener,
  app: AppId,
  { problemOf, untimelyOf, hasCertificate }: Tls,
  diagnostics: Diagnostic[],
): readonly Listener[] {
  const place = `${listener.address ?? ''}:${listener.port}`;
  const words = bindOptions(listener.bindOptions.join(' '), true);
  const named = listener.tls?.certificates ?? [];
  if ('wrong' in words || named.some((path) => absolutePath(path) === null)) {
    diagnostics.push(diagnostic('bind-options-invalid', app, place));
    return [];
  }
  const isTls = listener.tls !== null || words.includes('ssl');
  const certificates = isTls ? [...named, ...words.filter((_, at) => words[at - 1] === 'crt')] : [];
  const rest = words.filter((word, at) => word !== 'ssl' && word !== 'crt' && words[at - 1] !== 'crt');
  let isUsable = true;
  const need = (path: string, kind: FileKind | null) => {
    const problem = kind === null ? null : problemOf(path, kind);
    if (problem === null) {
      const untimely = kind === 'certificate' ? untimelyOf(path) : null;
      if (untimely !== null) diagnostics.push(datesDiagnostic(app, path, untimely));
      return;
    }
    isUsable = false;
    diagnostics.push(fileDiagnostic(app, path, problem));
  };
  for (const path of certificates) need(path, 'certificate');
  for (const [at, word] of rest.entries()) need(word, kindAfter(rest[at - 1]));
  const hasNone = isTls && certificates.length === 0 && !hasCertificate;
  // About Baton and no app: every virtual host may have a listener that needs one.
  if (hasNone) diagnostics.push(diagnostic('certificate-missing', null, place));
  if (hasNone || !isUsable) return [];
  return [{ ...listener, tls: isTls ? { certificates } : null, bindOptions: rest }];
}
