/** Whatever the grammars of bind options and passwords in labels let through, HAProxy takes. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findBinary, validate } from '../../../src/dataplane/haproxy/binary.ts';
import { basicAuth } from '../../../src/declared/marathon-lb/auth.ts';
import { bindOptionNames, bindOptions } from '../../../src/declared/marathon-lb/bind-options.ts';
import { isCipherList } from '../../../src/declared/marathon-lb/ciphers.ts';
import { type Certificates, makeCertificates } from '../../support/certificates.ts';

let certificates: Certificates;
let dir: string;

beforeAll(async () => {
  certificates = makeCertificates();
  dir = await mkdtemp(join(tmpdir(), 'b-'));
  const pair = certificates.read('server.pem') + certificates.read('server.key');
  await writeFile(join(dir, 'pair.pem'), pair);
  await writeFile(join(dir, 'ca.pem'), await readFile(certificates.file('ca.pem')));
});

afterAll(async () => {
  certificates.remove();
  await rm(dir, { recursive: true, force: true });
});

const defaults = 'defaults\n  mode http\n  timeout client 1s\n  timeout connect 1s\n  timeout server 1s\n';

async function complaint(text: string): Promise<string | null> {
  await writeFile(join(dir, 'haproxy.cfg'), defaults + text);
  return validate(await findBinary(null), dir, ['haproxy.cfg'], AbortSignal.timeout(30_000));
}

test('bind options, in any company', async () => {
  const words = [
    'accept-proxy',
    'alpn h2,http/1.1,http/1.0',
    'backlog 999999',
    `ca-file ${join(dir, 'ca.pem')}`,
    'ciphers AES128+EECDH:AES128+EDH',
    'ciphersuites TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256',
    `crt ${join(dir, 'pair.pem')}`,
    'defer-accept',
    'force-tlsv12',
    'force-tlsv13',
    'maxconn 999999',
    'no-sslv3',
    'no-tls-tickets',
    'no-tlsv10',
    'no-tlsv11',
    'prefer-client-ciphers',
    'ssl',
    ...['TLSv1.0', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'].map((version) => `ssl-min-ver ${version}`),
    'strict-sni',
    'verify none',
    'verify optional',
    'verify required',
  ];
  const tried = new Set(words.map((word) => word.split(' ')[0]));
  // A list of revoked certificates needs an authority that revokes; the others stand for it.
  expect(bindOptionNames.split(', ').filter((name) => !tried.has(name))).toEqual(['crl-file']);
  // By chance in any number, and each with each other where there is TLS.
  const company = fc.sample(fc.shuffledSubarray(words, { minLength: 1 }), 300);
  const tls = words.filter((word) => /^(?:ssl|crt|ca-file)\b/.test(word) && !word.startsWith('ssl-'));
  const pairs = words.flatMap((a) => words.map((b) => [...new Set([...tls, a, b])]));
  const lines = [...company, ...pairs]
    .map((chosen) => bindOptions(chosen.join(' '), false))
    .flatMap((found) => ('wrong' in found ? [] : [found.join(' ')]));
  const frontends = lines.map((line, at) => `frontend f${at}\n  bind 127.0.0.1:8080 ${line}\n`);
  expect(new Set(lines).size).toBeGreaterThan(100);
  expect(await complaint(frontends.join(''))).toBeNull();
});

test('lists of ciphers, by chance', async () => {
  const words = [
    'ALL',
    'HIGH',
    'AES',
    'AES128',
    'AES256',
    'AESGCM',
    'ECDHE',
    'EECDH',
    'kEECDH',
    'kECDHE',
    'EDH',
    'MEDIUM',

    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'DHE-RSA-AES256-SHA',
    'NEVER_HEARD_OF',

    '!aNULL',
    '!eNULL',
    '!EXPORT',
    '!LOW',
    '!MD5',
    '!3DES',
    '!RC4',
    '!PSK',
    '!SRP',
    '!DSS',
    '!SHA',
    '!SHA1',
    '!kRSA',

    '-DH',
    '!kDHE',
    '!DHE',
    '!EDH',
    '-CAMELLIA',
    '!ARIA',
    '!SEED',
    '!MEDIUM',
    '+HIGH',
    '+SHA1',
    '@STRENGTH',

    'AES128+EECDH',
    'AES256+EDH',
    'EECDH+AESGCM',
    'ECDHE+AES',
    '!AES',
    '!ECDHE',
    '-ALL',
    '!HIGH',
    '@SECLEVEL=0',
  ];
  const lists = fc.sample(fc.shuffledSubarray(words, { minLength: 1 }), 2_000).map((list) => list.join(':'));
  const taken = [...new Set([...words, ...lists])].filter(isCipherList);
  expect(taken.length).toBeGreaterThan(50);
  const pair = join(dir, 'pair.pem');
  const frontends = taken.map(
    (list, at) => `frontend f${at}\n  bind 127.0.0.1:8080 ssl crt ${pair} ciphers ${list}\n`,
  );
  expect(await complaint(frontends.join(''))).toBeNull();
});

test('passwords, the costliest of each kind', async () => {
  const passwords = [
    'abJnggxhB/yWI',
    `$1$abcdefgh$${'x'.repeat(22)}`,
    `$2y$12$${'a'.repeat(53)}`,
    `$5$rounds=100000$vJ8nwXpq1tK3$${'J'.repeat(43)}`,
    `$6$rounds=100000$vJ8nwXpq1tK3$${'J'.repeat(86)}`,
    `$y$jBT$F5Jx5fExrKuPp53xLKQ..1$${'X'.repeat(43)}`,
  ];
  const users = passwords.map((password, at) => {
    const auth = basicAuth(`realm:user${at}:${password}`);
    return `  user ${auth?.user} password ${auth?.password}\n`;
  });
  expect(users.join('')).not.toContain('undefined');
  expect(await complaint(`userlist users\n${users.join('')}frontend f\n  bind 127.0.0.1:8080\n`)).toBeNull();
});
