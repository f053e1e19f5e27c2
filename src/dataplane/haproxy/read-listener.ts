/** Reads a listener: what is in no grammar is a diagnostic, and leaves out as little as it can without taking more. */
import type { Diagnostic, Listener } from '../../declared/types.ts';
import { pathPrefix } from '../../declared/marathon-lb/values.ts';
import type { AppId } from '../../model/ids.ts';
import { diagnostic } from '../diagnostics.ts';
import { isBindAddress, isHostName, isPort } from './grammar.ts';

/** Beyond it a number would not be exact in HAProxy's rows. */
const highestRank = 1_000_000_000;

/** None, or one. A listener that lost all its names or paths would take everything that comes to the port. */
export function readListener(listener: Listener, app: AppId, diagnostics: Diagnostic[]): readonly Listener[] {
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
  return [{ ...listener, hosts, paths, rank: Math.max(-highestRank, Math.min(highestRank, rank)) }];
}
