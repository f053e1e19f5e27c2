/** Connections to Marathon, with a certificate authority and a client certificate from files that may be renewed. */
import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { buildConnector } from 'undici';
import { MarathonError } from './errors.ts';
import { contentOf } from './login.ts';

/** Files in PEM; null: none. */
export interface MarathonTls {
  /** The authorities to trust, instead of those that Node knows. */
  readonly caFile: string | null;
  /** The certificate that Baton shows, with the chain that it needs; and its key. */
  readonly certFile: string | null;
  readonly keyFile: string | null;
}

interface Pems {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Reads the files for each new connection, so that renewed ones need no restart. `timeoutMs` bounds the connecting. */
export function connector(files: MarathonTls, timeoutMs: number): buildConnector.connector {
  const plain = buildConnector({ timeout: timeoutMs });
  if (files.caFile === null && files.certFile === null) return plain;
  let print = '';
  let built = plain;

  async function current(): Promise<buildConnector.connector> {
    const pems = await read(files);
    const next = JSON.stringify(pems);
    if (next !== print) {
      check(pems, files);
      built = buildConnector({ timeout: timeoutMs, ...pems });
      print = next;
    }
    return built;
  }

  return (options, callback) => {
    if (options.protocol !== 'https:') return plain(options, callback);
    current().then(
      (connect) => connect(options, callback),
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
    );
  };
}

async function read({ caFile, certFile, keyFile }: MarathonTls): Promise<Pems> {
  return {
    ...(caFile === null ? {} : { ca: await contentOf(caFile) }),
    ...(certFile === null ? {} : { cert: await contentOf(certFile) }),
    ...(keyFile === null ? {} : { key: await contentOf(keyFile) }),
  };
}

/** OpenSSL skips what it cannot read in a list of authorities, and would trust nobody. */
function check({ ca, cert, key }: Pems, files: MarathonTls): void {
  if (ca !== undefined && !isCertificate(ca)) {
    throw new MarathonError(
      'credentials',
      `${files.caFile} (--marathon-ca) holds no certificate; it should be PEM`,
    );
  }
  if (cert === undefined) return;
  try {
    createSecureContext({ cert, ...(key === undefined ? {} : { key }) });
  } catch (error) {
    throw new MarathonError(
      'credentials',
      `${files.certFile} (--marathon-cert) and ${files.keyFile} (--marathon-key) are no certificate with its key; do they belong together, are both PEM, is the key without a passphrase?`,
      error,
    );
  }
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== '';
  } catch {
    return false;
  }
}
