/** The grammar of basic authentication in a label: `realm:user:password`, the password as crypt writes it. */
import type { BasicAuth } from '../types.ts';

const name = /^[A-Za-z0-9._@+-]{1,255}$/;

/**
 * The forms of crypt(5), none so costly that somebody who only tries passwords could stop the load balancer: HAProxy
 * computes the hash once when it starts and again for each request, and does nothing else in that thread meanwhile.
 */
const hashes: readonly RegExp[] = [
  /^[./A-Za-z0-9]{13}$/,
  /^\$1\$[./A-Za-z0-9]{1,8}\$[./A-Za-z0-9]{22}$/,
  /^\$2[aby]\$(?:0[4-9]|1[0-2])\$[./A-Za-z0-9]{53}$/,
  /^\$5\$(?:rounds=(?:[1-9]\d{3,4}|100000)\$)?[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{43}$/,
  /^\$6\$(?:rounds=(?:[1-9]\d{3,4}|100000)\$)?[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{86}$/,
  /^\$y\$j(?:[78]5|[7-9AB]T)\$[./A-Za-z0-9]{1,86}\$[./A-Za-z0-9]{43}$/,
];

/** Null when the text is not in the grammar, so also when the password is written as it is typed. */
export function basicAuth(text: string): BasicAuth | null {
  const [realm = '', user = '', password = '', ...more] = text.length > 1024 ? [] : text.trim().split(':');
  if (more.length > 0 || !name.test(realm) || !name.test(user)) return null;
  return hashes.some((hash) => hash.test(password)) ? { realm, user, password } : null;
}
