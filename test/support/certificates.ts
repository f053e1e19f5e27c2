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
  /** The same, valid between these dates (`2020-01-31`). */
  datedPair(host: string, from: string, to: string): string;
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

  /** Its key, and what is to be signed; returns the configuration with the extensions. */
  function requested(name: string, subject: string): string {
    key(name);
    const cnf = config(name, `subjectAltName=${subject}`);
    openssl('req', '-new', '-key', file(`${name}.key`), '-config', cnf, '-out', file(`${name}.csr`));
    return cnf;
  }

  function signed(name: string, by: string, subject = 'IP:127.0.0.1', digest = '-sha256'): void {
    const cnf = requested(name, subject);
    const issuer = ['-CA', file(`${by}.pem`), '-CAkey', file(`${by}.key`), '-set_serial', `${name.length}`];
    const extensions = [digest, '-days', '2', '-extfile', cnf, '-extensions', 'ext'];
    const out = ['-in', file(`${name}.csr`), '-out', file(`${name}.pem`)];
    openssl('x509', '-req', ...issuer, ...extensions, ...out);
  }

  /** Of the openssl program's commands `ca` alone takes dates in all its releases. */
  function dated(host: string, from: string, to: string): void {
    const extensions = requested(host, `DNS:${host}`);
    const book = file(`${host}.book`);
    writeFileSync(book, '');
    const text = `[ca]\ndefault_ca=book\n[book]\ndatabase=${book}\nnew_certs_dir=${directory}\nrand_serial=yes\npolicy=any\n[any]\ncommonName=supplied\n`;
    writeFileSync(file(`${host}.ca.cnf`), text);
    const time = (date: string) => `${date.replaceAll('-', '')}000000Z`;
    const dates = ['-startdate', time(from), '-enddate', time(to)];
    const issuer = ['-cert', file('ca.pem'), '-keyfile', file('ca.key'), '-md', 'sha256'];
    const more = ['-extfile', extensions, '-extensions', 'ext', '-notext', '-batch'];
    const out = ['-in', file(`${host}.csr`), '-out', file(`${host}.pem`)];
    openssl('ca', '-config', file(`${host}.ca.cnf`), ...issuer, ...dates, ...more, ...out);
  }

  /** Both in one file. */
  function pairOf(host: string): string {
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
    pair(host) {
      signed(host, 'ca', `DNS:${host}`);
      return pairOf(host);
    },
    weakPair(host) {
      signed(host, 'ca', `DNS:${host}`, '-sha1');
      return pairOf(host);
    },
    datedPair(host, from, to) {
      dated(host, from, to);
      return pairOf(host);
    },
    encrypted(name) {
      const out = file(`${name}.encrypted.key`);
      openssl('pkcs8', '-topk8', '-in', file(`${name}.key`), '-passout', 'pass:secret', '-out', out);
      return readFileSync(out, 'utf8');
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
