/** Redirects between the nodes of one Marathon, and no others: credentials go along, so it matters where to. */
import { MarathonError } from './errors.ts';

/** From a standby to the leader, and once more when it has just changed. */
export const maxHops = 2;

export interface Hop {
  /** What was asked. */
  readonly from: URL;
  /** The route, from `/v2/` on. */
  readonly route: string;
  readonly status: number;
  readonly location: string;
  /** How many redirects have been followed. */
  readonly hops: number;
  readonly withCredentials: boolean;
}

/**
 * Where a redirect leads. Since 1.7 Marathon's standbys answer 302 with the leader's address and the very route that
 * was asked for: that is how its redirects are told from those of a login page. The `Authorization` header goes along,
 * but not from https to http.
 * @throws MarathonError `redirected` when it is not to be followed; the message has no credentials
 */
export function target({ from, route, status, location, hops, withCredentials }: Hop): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from.href) : null;
  if (to !== null) {
    to.username = '';
    to.password = '';
  }
  const shown = to === null ? 'an address that cannot be read' : `${to.origin}${to.pathname}`;
  const answered = `${from.origin} answered ${status}, to ${shown}`;
  const path = /^[^?]*/.exec(route)?.[0] ?? route;
  if (to === null || !/^https?:$/.test(to.protocol) || !to.pathname.endsWith(path)) {
    throw new MarathonError(
      'redirected',
      `${answered}, which is not followed: it is not where Marathon would send ${path}; does a proxy ask for a login, is the path before /v2 right?`,
    );
  }
  if (hops >= maxHops) {
    throw new MarathonError(
      'redirected',
      `${answered}, after ${hops} redirects; do the nodes of Marathon agree on their leader?`,
    );
  }
  if (withCredentials && from.protocol === 'https:' && to.protocol === 'http:') {
    throw new MarathonError(
      'redirected',
      `${answered}, which is not followed: the credentials would go over the network in the clear; list the https addresses of all nodes as --marathon`,
    );
  }
  if (to.search === '') to.search = from.search;
  return to;
}
