/** Marathon's addresses: parsed once, credentials kept apart from what may be shown. */
import { MarathonError } from './errors.ts';

export interface MarathonAddress {
  /** Scheme, host and path prefix, without credentials and trailing slash: also what people get to see. */
  readonly base: string;
  /** The `Authorization` header, from the user name and password in the address; null without. */
  readonly authorization: string | null;
}

/**
 * Reads an address as people configure it: `http://host:8080`, `https://user:pass@host/service/marathon`.
 * @throws MarathonError `bad-address`; its message never holds the credentials
 */
export function parseAddress(text: string): MarathonAddress {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    const shown = text.replace(/\/\/[^/]*@/, '//***@');
    throw new MarathonError(
      'bad-address',
      `"${shown}" is no address of a Marathon; it should look like http://host:8080`,
    );
  }
  const path = url.pathname.replace(/\/+$/, '').replace(/\/v2$/, '');
  return { base: `${url.origin}${path}`, authorization: authorizationOf(url) };
}

/** The `Authorization` header (HTTP Basic) that a URL's user name and password stand for; null without any. */
function authorizationOf(url: URL): string | null {
  if (url.username === '' && url.password === '') return null;
  const plain = `${decode(url.username)}:${decode(url.password)}`;
  return `Basic ${Buffer.from(plain, 'utf8').toString('base64')}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export interface Addresses {
  readonly count: number;
  current(): MarathonAddress;
  /** All of them, the current one first. */
  inOrder(): readonly MarathonAddress[];
  /** Makes this one the current: it answered. */
  prefer(address: MarathonAddress): void;
  /** Goes on to the next one, if this is the current. */
  giveUp(address: MarathonAddress): void;
}

/**
 * Several addresses of one Marathon, used one at a time.
 * @throws MarathonError `bad-address` when there is none, or one cannot be read
 */
export function rotation(urls: readonly string[]): Addresses {
  const all = urls.map(parseAddress);
  const first = all[0];
  if (first === undefined) throw new MarathonError('bad-address', 'no address of a Marathon was given');
  let index = 0;
  return {
    count: all.length,
    current: () => all[index] ?? first,
    inOrder: () => [...all.slice(index), ...all.slice(0, index)],
    prefer: (address) => {
      index = Math.max(0, all.indexOf(address));
    },
    giveUp: (address) => {
      if (all[index] === address) index = (index + 1) % all.length;
    },
  };
}
