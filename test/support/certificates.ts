/** Certificates for tests, made with the openssl program: two authorities, a server's and a client's certificate. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificates {
  /** Path of a file: `ca.pem`, `other-ca.pem`, `server.pem`, `server.key`, `client.pem`, `client.key`, `stranger.pem`, `stranger.key`. */
  file(name: string): string;
  read(name: string): string;
  /** Path of a new file with a certificate for a host name, signed by `ca`, and its key. */
  pair(host: string): string;
  /** The same, signed as nobody does any more: OpenSSL refuses it when it is to be used. */
  weakPair(host: string): string;
  /** The key of that name, encrypted. */
  encrypted(name: string): string;
  remove(): void;
}

/** The server's is for 127.0.0.1, signed by `ca`, as the client's is; the stranger's is signed by `other-ca`. */
export function makeCertificates(): Certificates {
  const directory = mkdtempSync(join(tmpdir(), 'b-'));
  const file = (name: string) => join(directory, name);
  const openssl = (...argv: readonly string[]) => execFileSync('openssl', argv, { stdio: 'pipe' });

  function key(name: string): void {
    openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', file(`${name}.key`));
  }

  function config(name: string, extensions: string): string {
    const text = `[req]\ndistinguished_name=dn\nx509_extensions=ext\nprompt=no\n[dn]\nCN=${name}\n[ext]\n${extensions}\n`;
    writeFileSync(file(`${name}.cnf`), text);
    return file(`${name}.cnf`);
  }

  function authority(name: string): void {
    key(name);
    const cnf = config(name, 'basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign');
    const out = ['-key', file(`${name}.key`), '-out', file(`${name}.pem`)];
    openssl('req', '-x509', '-new', '-sha256', '-days', '2', '-config', cnf, ...out);
  }

  function signed(name: string, by: string, subject = 'IP:127.0.0.1', digest = '-sha256'): void {
    key(name);
    const cnf = config(name, `subjectAltName=${subject}`);
    openssl('req', '-new', '-key', file(`${name}.key`), '-config', cnf, '-out', file(`${name}.csr`));
    const issuer = ['-CA', file(`${by}.pem`), '-CAkey', file(`${by}.key`), '-set_serial', `${name.length}`];
    const extensions = [digest, '-days', '2', '-extfile', cnf, '-extensions', 'ext'];
    const out = ['-in', file(`${name}.csr`), '-out', file(`${name}.pem`)];
    openssl('x509', '-req', ...issuer, ...extensions, ...out);
  }

  function pair(host: string, digest?: string): string {
    signed(host, 'ca', `DNS:${host}`, digest);
    const path = file(`${host}.pair.pem`);
    writeFileSync(
      path,
      readFileSync(file(`${host}.pem`), 'utf8') + readFileSync(file(`${host}.key`), 'utf8'),
    );
    return path;
  }

  authority('ca');
  authority('other-ca');
  signed('server', 'ca');
  signed('client', 'ca');
  signed('stranger', 'other-ca');
  return {
    file,
    read: (name) => readFileSync(file(name), 'utf8'),
    pair: (host) => pair(host),
    weakPair: (host) => pair(host, '-sha1'),
    encrypted(name) {
      const out = file(`${name}.encrypted.key`);
      openssl('pkcs8', '-topk8', '-in', file(`${name}.key`), '-passout', 'pass:secret', '-out', out);
      return readFileSync(out, 'utf8');
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
