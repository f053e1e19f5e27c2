/** Who Baton is to Marathon: the `Authorization` header from the address, or from a file that may change at any time. */
import { readFile } from 'node:fs/promises';
import type { MarathonAddress } from './address.ts';
import { MarathonError } from './errors.ts';
import { expiryOf } from './jwt.ts';

export interface Login {
  /**
   * The header for a request to this address; null for none.
   * @throws MarathonError `credentials` when what it is made from cannot be read, or what a login failed with
   */
  header(address: MarathonAddress): Promise<string | null>;
  /** Told that `used` was answered with 401. Resolves to whether `header` would give something else now. */
  renew(used: string | null, address: MarathonAddress): Promise<boolean>;
  /** What to check when Marathon answers 401 or 403. */
  advice(address: MarathonAddress): string;
}

/** The user name and password in the address. */
export const addressLogin: Login = {
  header: async ({ authorization }) => authorization,
  renew: async () => false,
  advice: ({ authorization }) =>
    authorization === null
      ? 'it asks who Baton is: give --marathon-user with --marathon-password-file, --marathon-token-file, or --marathon-service-account'
      : 'are the user name and password in its address right, and may this user see all apps?',
};

/** HTTP Basic, with the password from a file. */
export function basicLogin(user: string, passwordFile: string): Login {
  return fileLogin(
    passwordFile,
    (password) => `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`,
    () => `is the password in ${passwordFile} that of ${user}, and may ${user} see all apps?`,
  );
}

/** A token from a file: `Bearer` after RFC 6750, `token=` as DC/OS's Admin Router has it. */
export function tokenLogin(file: string, scheme: 'bearer' | 'token'): Login {
  return fileLogin(
    file,
    (token) => {
      // What is no visible ASCII, such as the byte order mark of some editors, no header could carry.
      if (/[^\x21-\x7e]/.test(token)) {
        throw new MarathonError(
          'credentials',
          `${file} holds a space or a character that no token has; it should hold the token alone, as plain text`,
        );
      }
      return scheme === 'bearer' ? `Bearer ${token}` : `token=${token}`;
    },
    (token) => {
      const expiry = expiryOf(token);
      if (expiry !== null && expiry <= Date.now())
        return `the token in ${file} expired at ${new Date(expiry).toISOString()}: put a new one there, Baton reads it by itself`;
      return `is the token in ${file} still valid, may it see all apps, and is ${scheme} what --marathon-token-scheme should be?`;
    },
  );
}

/**
 * Reads the file for each request, so a new secret counts at once. While it cannot be read, or `headerOf` throws for
 * what it holds, the last one is used.
 */
function fileLogin(
  file: string,
  headerOf: (secret: string) => string,
  advice: (secret: string) => string,
): Login {
  let last: string | null = null;
  let made: string | null = null;
  async function header(): Promise<string> {
    try {
      const secret = await secretIn(file);
      made = headerOf(secret);
      last = secret;
    } catch (error) {
      if (made === null) throw error;
    }
    return made;
  }
  return {
    header,
    renew: async (used) => (await header()) !== used,
    advice: () => advice(last ?? ''),
  };
}

/**
 * A file's only line.
 * @throws MarathonError `credentials`; its message never holds the content
 */
async function secretIn(file: string): Promise<string> {
  const text = (await contentOf(file)).replace(/\r?\n$/, '');
  if (text === '') throw new MarathonError('credentials', `${file} is empty; it should hold the secret`);
  if (/\p{Cc}/u.test(text)) {
    throw new MarathonError('credentials', `${file} should hold the secret and nothing else, in one line`);
  }
  return text;
}

/** @throws MarathonError `credentials` when the file cannot be read */
export async function contentOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new MarathonError(
      'credentials',
      `${file} cannot be read (${code}); is the path right, and may Baton's user read it?`,
      error,
    );
  }
}
