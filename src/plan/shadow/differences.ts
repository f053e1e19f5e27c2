/** What Baton would do differently from a HAProxy that marathon-lb runs: names in, differences out. */
import { marathonLbServerName } from '../../declared/marathon-lb/naming.ts';
import type { AppId } from '../../model/ids.ts';
import type { ExpectedBackend, ExpectedServer } from './expected.ts';

/** The kinds of differences and what they mean; docs/moving-from-marathon-lb.md shows them. */
export const shadowKindTable = {
  'backend-only-in-haproxy': 'HAProxy has a backend with servers that Baton would not serve.',
  'backend-only-in-baton': 'Baton would serve an app, and HAProxy has no such backend.',
  'server-only-in-haproxy': 'HAProxy has a server in the backend that is no endpoint for Baton.',
  'server-only-in-baton': 'Baton would send requests to an endpoint that HAProxy does not have.',
  'server-health': 'Both have it, and one of the two sends it requests, the other does not.',
} as const satisfies Readonly<Record<string, string>>;

export type ShadowKind = keyof typeof shadowKindTable;

export interface ShadowDifference {
  readonly kind: ShadowKind;
  /** `shop_web_10000` */
  readonly backend: string;
  /** `10_0_2_148_31565`; null for a whole backend. */
  readonly server: string | null;
  /** Null where only HAProxy has it. */
  readonly app: AppId | null;
  /** One sentence. */
  readonly text: string;
}

/** One server of a HAProxy's statistics. */
export interface SeenServer {
  readonly backend: string;
  readonly server: string;
  /** HAProxy's word: `UP`, `DOWN 1/2`, `MAINT`, `no check` and others. */
  readonly status: string;
}

/** Sorted by backend, then server. Backends without servers are none: marathon-lb drops them. */
export function shadowDifferences(
  expected: ReadonlyMap<string, ExpectedBackend>,
  seen: readonly SeenServer[],
): readonly ShadowDifference[] {
  const there = new Map<string, SeenServer[]>();
  for (const each of seen) {
    const servers = there.get(each.backend);
    if (servers === undefined) there.set(each.backend, [each]);
    else servers.push(each);
  }
  return [...new Set([...there.keys(), ...expected.keys()])]
    .flatMap((name) => inBackend(name, expected.get(name), there.get(name)))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** What tells one difference from another, over comparisons. */
export function keyOf({ backend, server, kind }: ShadowDifference): string {
  return `${backend} ${server ?? ''} ${kind}`;
}

function inBackend(
  backend: string,
  expected: ExpectedBackend | undefined,
  seen: readonly SeenServer[] | undefined,
): readonly ShadowDifference[] {
  if (seen === undefined) {
    const carrying = (expected?.servers ?? []).filter(({ carries }) => carries);
    const [first] = carrying;
    if (first === undefined) return [];
    const text = `HAProxy has no such backend; Baton would send requests to ${servers(carrying.length)} of it.`;
    return [{ kind: 'backend-only-in-baton', backend, server: null, app: first.app, text }];
  }
  if (expected === undefined) {
    const text = `HAProxy has it with ${servers(seen.length)}; Baton would not serve it.`;
    return [{ kind: 'backend-only-in-haproxy', backend, server: null, app: null, text }];
  }
  const unmatched = new Map(expected.servers.map((server) => [nameOf(server), server]));
  const found = seen.flatMap((each) => {
    const name = unmatched.has(each.server) ? each.server : withoutAddress(each.server);
    const server = unmatched.get(name);
    unmatched.delete(name);
    return atServer(each, server, expected);
  });
  return [...found, ...[...unmatched.values()].flatMap((server) => missing(backend, server))];
}

function atServer(
  { backend, server, status }: SeenServer,
  expected: ExpectedServer | undefined,
  { apps }: ExpectedBackend,
): readonly ShadowDifference[] {
  if (expected === undefined) {
    const [app] = apps.size === 1 ? apps : [];
    const text = `HAProxy has it (${status}); it is no endpoint for Baton.`;
    return [{ kind: 'server-only-in-haproxy', backend, server, app: app ?? null, text }];
  }
  if (carriesBy(status) === expected.carries) return [];
  const would = expected.carries ? 'would' : 'would not';
  const text = `HAProxy says ${status}; Baton ${would} send it requests.`;
  return [{ kind: 'server-health', backend, server, app: expected.app, text }];
}

/** Who gets no requests of Baton either may be missing: with `--health-check` marathon-lb leaves out who is not well. */
function missing(backend: string, expected: ExpectedServer): readonly ShadowDifference[] {
  const { app, host, port, carries } = expected;
  if (!carries) return [];
  const server = isAddress(host) ? nameOf(expected) : nameOf(expected).replace(/_(\d+)$/, '_*_$1');
  const text = `HAProxy does not have it; Baton would send requests to ${host}:${port}.`;
  return [{ kind: 'server-only-in-baton', backend, server, app, text }];
}

/** HAProxy's `status` (management guide 9.1): servers that are up, going down, or not checked get requests. */
function carriesBy(status: string): boolean {
  return status === 'no check' || status.startsWith('UP');
}

/** marathon-lb's name of a server, without the address to which it resolves the host's name. */
function nameOf({ host, port }: ExpectedServer): string {
  return marathonLbServerName(host, host, port);
}

/** `agent_10_0_0_1_31000` is `agent_31000`: marathon-lb's resolver may know another address than Baton's. */
function withoutAddress(name: string): string {
  return name.replace(/^(.+)_\d{1,3}(?:_\d{1,3}){3}_(\d+)$/, '$1_$2');
}

function isAddress(host: string): boolean {
  return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host) || host.includes(':');
}

function servers(count: number): string {
  return count === 1 ? '1 server' : `${count} servers`;
}
