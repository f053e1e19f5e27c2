/** Turns agents' host names into addresses: HAProxy takes a name in `add server` and then answers 503. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { isHostName } from './grammar.ts';
import type { Resolve } from './options.ts';

export interface Resolver {
  /** Addresses by host, for those that resolve or once did; the others are missing. */
  readonly addresses: (hosts: ReadonlySet<string>) => Promise<ReadonlyMap<string, string>>;
}

const lifetimeMs = 30_000;
/** A name that does not resolve is asked again sooner. */
const failedLifetimeMs = 5_000;
const timeoutMs = 2_000;

/** A name that nobody has asked for during this time is forgotten. */
const forgottenAfterMs = 600_000;

interface Known {
  readonly address: string | null;
  readonly until: number;
  readonly askedAt: number;
}

/** The last good address stays when a name stops to resolve. */
export function createResolver(resolve: Resolve = (host) => lookup(host), now = Date.now): Resolver {
  const known = new Map<string, Known>();

  async function look(host: string): Promise<Known> {
    const before = known.get(host);
    const askedAt = now();
    if (before !== undefined && before.until > askedAt) return { ...before, askedAt };
    const address = await within(resolve(host));
    if (address !== null && isIP(address) !== 0 && !address.includes('%')) {
      return { address, until: now() + lifetimeMs, askedAt };
    }
    return { address: before?.address ?? null, until: now() + failedLifetimeMs, askedAt };
  }

  return {
    async addresses(hosts) {
      const found = new Map<string, string>();
      await Promise.all(
        [...hosts].map(async (host) => {
          if (isIP(host) !== 0) {
            if (!host.includes('%')) found.set(host, host);
            return;
          }
          if (!isHostName(host)) return;
          const entry = await look(host);
          known.set(host, entry);
          if (entry.address !== null) found.set(host, entry.address);
        }),
      );
      const forgotten = now() - forgottenAfterMs;
      for (const [host, entry] of known) if (entry.askedAt < forgotten) known.delete(host);
      return found;
    },
  };
}

async function within(answer: Promise<{ readonly address: string }>): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(() => resolve(null), timeoutMs);
  try {
    return (await Promise.race([answer, promise]))?.address ?? null;
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}
