/** Why HAProxy does not take a file for TLS, said better than it says so itself. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { FileKind } from './tls-files.ts';

/** What OpenSSL takes at the security level that distributions set. */
const shortestRsaBits = 2_048;
const longestWords = 200;

/** @param words HAProxy's own, which are all that is known when nothing is found wrong here */
export async function reasonOf(path: string, kind: FileKind, words: string): Promise<string> {
  return (await found(path, kind)) ?? `HAProxy says: ${words.replace(/\.$/, '').slice(0, longestWords)}`;
}

async function found(path: string, kind: FileKind): Promise<string | null> {
  try {
    const text = await readFile(path, 'utf8');
    if (kind === 'revocations') {
      return blocks(text, 'X509 CRL').length > 0 ? null : 'it holds no list of revoked certificates in PEM';
    }
    const certificates = blocks(text, 'CERTIFICATE');
    if (certificates.length === 0) return 'it holds no certificate in PEM';
    if (kind === 'authority') return null;
    return wrongIn(
      certificates.map((block) => new X509Certificate(block)),
      await keyText(path, text),
    );
  } catch {
    return null;
  }
}

/** HAProxy looks for a key in the file, then beside it. */
export async function keyText(path: string, text: string): Promise<string> {
  return text.includes('PRIVATE KEY-----') ? text : await readFile(`${path}.key`, 'utf8').catch(() => '');
}

export function asksForPassphrase(keys: string): boolean {
  return /^(?:-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED)/m.test(keys);
}

function wrongIn(certificates: readonly X509Certificate[], text: string): string | null {
  const [block] = blocks(text, '(?:[A-Z]+ )?PRIVATE KEY');
  if (block === undefined) return 'there is no private key in it, nor beside it with the ending .key';
  const key = createPrivateKey(block);
  const at = certificates.findIndex((each) => each.checkPrivateKey(key));
  if (at > 0) return `its private key is that of certificate ${at + 1} in it, which must come first`;
  const own = certificates[at];
  if (own === undefined) return 'its private key is of another certificate';
  const bits = own.publicKey.asymmetricKeyDetails?.modulusLength ?? shortestRsaBits;
  if (bits < shortestRsaBits) return `its key of ${bits} bits is too short`;
  const signature = own.signatureAlgorithm ?? '';
  return /sha1|md5/i.test(signature) ? `its signature (${signature}) is too weak` : null;
}

/** The parts of a PEM file of one kind, a piece of a regular expression. */
export function blocks(text: string, what: string): readonly string[] {
  return text.match(new RegExp(`-----BEGIN ${what}-----[^]*?-----END ${what}-----`, 'g')) ?? [];
}
