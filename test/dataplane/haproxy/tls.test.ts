/** Listeners over TLS, through a real HAProxy: which certificate a client sees, and files that cannot be used. */
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import { join, resolve } from 'node:path';
import { connect, type PeerCertificate } from 'node:tls';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { type Listener, plainListener, plainRules, type Rules } from '../../../src/declared/types.ts';
import type { ServiceTarget } from '../../../src/plan/target.ts';
import { type Certificates, makeCertificates } from '../../support/certificates.ts';
import type { Farm } from '../../support/farm.ts';
import { freePorts } from '../../support/free-ports.ts';
import { request } from '../../support/load.ts';
import { endpoints, pool, service } from '../../support/targets.ts';
import { deadline, enter, openStage, type Stage } from './stage.ts';

let certificates: Certificates;
let stage: Stage;
let farm: Farm;
let port: number;
let other: number;

beforeEach(async () => {
  certificates = makeCertificates();
  [port, other] = (await freePorts(2)) as [number, number];
});
afterEach(async () => {
  await stage.dispose();
  certificates.remove();
});

async function open(given: readonly string[]): Promise<void> {
  stage = await openStage({ certificates: given });
  farm = await stage.farm('app', 1);
}

function over(host: string, own: readonly string[], more: Partial<Listener> = {}): Listener {
  return {
    ...plainListener(port, port),
    hosts: host === '' ? [] : [host],
    tls: { certificates: own },
    ...more,
  };
}

function target(name: string, listeners: readonly Listener[], rules: Partial<Rules> = {}): ServiceTarget {
  return service(`/${name}`, port, [pool('/app', 'a', 10_000, endpoints(`s${name}`, farm.ports))], {
    listeners,
    rules: { ...plainRules, ...rules },
  });
}

async function seen(host: string, at = port): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: at, servername: host, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const peer: PeerCertificate = socket.getPeerCertificate();
  socket.destroy();
  return peer.subject.CN as string;
}

async function ask(
  host: string,
): Promise<{ readonly headers: object; readonly body: string; readonly status: number }> {
  const ca = certificates.read('ca.pem');
  const sent = https.get({ host: '127.0.0.1', port, servername: host, ca, headers: { host }, agent: false });
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const body = Buffer.concat(await response.toArray()).toString();
  return { headers: response.headers, body, status: response.statusCode ?? 0 };
}

test('each name has its certificate, and the server hears that the client came over TLS', async () => {
  const [first, a, b] = ['first', 'a', 'b'].map((name) => certificates.pair(`${name}.example`));
  await open([first ?? '']);
  const { driver } = stage;
  const all = [
    target('a', [over('a.example', [a ?? '']), plainListener(other, other)], {
      useHsts: true,
      redirectToHttps: true,
    }),
    target('b', [over('b.example', [], { bindOptions: [] })]),
  ];
  await enter(driver, all);
  expect(await Promise.all(['a.example', 'b.example', 'c.example'].map((host) => seen(host)))).toEqual([
    'a.example',
    'first.example',
    'first.example',
  ]);
  const answer = await ask('a.example');
  expect(answer.headers).toMatchObject({ 'strict-transport-security': 'max-age=15768000' });
  expect(JSON.parse(answer.body).headers).toMatchObject({
    'x-forwarded-proto': 'https',
    'x-forwarded-port': String(port),
  });
  const plain = await request(other, { headers: { host: 'a.example' } });
  expect(plain.headers['strict-transport-security']).toBeUndefined();
  // As an option of bind, too.
  const words = ['ssl', 'crt', b ?? '', 'ssl-min-ver', 'TLSv1.3'];
  const more = [...all.slice(0, 1), target('b', [over('b.example', [], { tls: null, bindOptions: words })])];
  const { reloads, diagnostics } = await driver.apply(more, deadline());
  expect([reloads, diagnostics.map(({ code }) => code)]).toEqual([1, ['bind-options-differ']]);
  expect(await seen('b.example')).toBe('b.example');
  expect(await driver.verify(more, deadline())).toEqual({ outcome: 'yes' });
  expect((await driver.apply(more, deadline())).reloads).toBe(0);
});

test('a file that cannot be used is a diagnostic, and the others proceed', async () => {
  const good = certificates.pair('good.example');
  const at = (name: string) => join(stage.dir, name);
  await open([]);
  const { driver } = stage;
  await writeFile(at('empty.pem'), '');
  const cut = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
  await writeFile(at('words.pem'), cut);
  await copyFile(certificates.file('server.pem'), at('keyless.pem'));
  const own = certificates.read('server.pem');
  const key = certificates.read('server.key');
  await writeFile(at('strange.pem'), own + certificates.read('client.key'));
  await writeFile(at('order.pem'), certificates.read('ca.pem') + own + key);
  await writeFile(at('passphrase.pem'), own + certificates.encrypted('server'));
  await copyFile(certificates.weakPair('weak.example'), at('weak.pem'));
  await writeFile(at('chain.pem'), own + key + cut);
  await writeFile(at('authority.pem'), own + cut);
  // Nothing of its name becomes a line of what HAProxy tries.
  await writeFile(at('a\n  nonsense'), own + key);
  const reasons: Readonly<Record<string, string>> = {
    'missing.pem': 'there is no such file',
    'empty.pem': 'it holds no certificate in PEM',
    'words.pem': 'HAProxy says: unable to load certificate from file',
    'keyless.pem': 'there is no private key in it, nor beside it with the ending .key',
    'strange.pem': 'its private key is of another certificate',
    'order.pem': 'its private key is that of certificate 2 in it, which must come first',
    'passphrase.pem': 'its private key asks for a passphrase, which nobody could give',
    'weak.pem': 'its signature (ecdsa-with-SHA1) is too weak',
    'chain.pem': 'HAProxy says: unable to load certificate chain from file',
    haproxy: 'it is no file',
    '/dev/zero': 'it is no file',
  };
  const bad = Object.keys(reasons).map((name) => resolve(stage.dir, name));
  const all = [
    target('lines', [over('lines.example', [at('a\n  nonsense')])]),
    target('good', [over('good.example', [good])]),
    ...bad.map((path, index) => target(`bad${index}`, [over(`bad${index}.example`, [path])])),
    target('none', [over('none.example', [], { port: other })]),
    target('nor', [over('nor.example', [], { port: other })]),
    target('options', [
      over('options.example', [good], { port: other, bindOptions: ['ca-file', at('authority.pem')] }),
    ]),
    target('both', [
      over('both.example', [good], { port: other, bindOptions: ['ca-file', at('keyless.pem')] }),
    ]),
    target('unknown', [over('unknown.example', [good], { port: other, bindOptions: ['npn', 'x'] })]),
  ];
  const { diagnostics, reloads } = await driver.apply(all, deadline());
  const told = new Map(diagnostics.map((each) => [each.app ?? 'nobody', each]));
  for (const [index, reason] of Object.values(reasons).entries()) {
    const { code, value, problem } = told.get(`/bad${index}`) ?? {};
    expect([code, value]).toEqual(['certificate-unusable', bad[index]]);
    expect(problem).toContain(`the listener is left out: ${reason}`);
  }
  expect(told.get('/options')?.problem).toContain('HAProxy says: ');
  expect(
    ['/unknown', '/lines', 'nobody', '/good', '/both'].map((app) => {
      const { code, value } = told.get(app) ?? {};
      return [code, value];
    }),
  ).toEqual([
    ['bind-options-invalid', `:${other}`],
    ['bind-options-invalid', `:${port}`],
    ['certificate-missing', `:${other}`],
    [undefined, undefined],
    // An authority needs no key, although another app is wrong to show that file.
    [undefined, undefined],
  ]);
  expect(reloads).toBe(1);
  expect(await seen('good.example')).toBe('good.example');
  expect(await driver.verify(all, deadline())).toEqual({ outcome: 'yes' });
  expect((await driver.apply(all, deadline())).reloads).toBe(0);
});

test('a renewed certificate is loaded by the next whole apply; one that was deleted does not keep HAProxy down', async () => {
  const given = certificates.pair('given.example');
  const own = certificates.pair('own.example');
  await open([given]);
  const { driver } = stage;
  const all = [target('app', [over('own.example', [own])]), target('rest', [plainListener(other, other)])];
  await enter(driver, all);
  await copyFile(certificates.pair('renewed.example'), given);
  expect((await driver.apply(all, deadline())).reloads).toBe(1);
  expect((await driver.apply(all, deadline())).reloads).toBe(0);
  expect([await seen('x.example'), await seen('own.example')]).toEqual(['renewed.example', 'own.example']);
  await rm(own);
  await driver.stop(deadline());
  process.kill(await stage.masterPid(), 'SIGKILL');
  const next = stage.another();
  await next.driver.start(deadline());
  expect((await request(other)).status).toBe(200);
  expect(await seen('own.example')).toBe('renewed.example');
  const { diagnostics } = await next.driver.apply(all, deadline());
  expect(diagnostics.map(({ app, code }) => [app, code])).toEqual([['/app', 'certificate-unusable']]);
  expect(await readFile(join(stage.dir, 'haproxy', 'global.cfg'), 'utf8')).not.toContain(`:${port}`);
});

test('a renewal that cannot be used costs its listener only, and a key beside it may come later', async () => {
  const own = certificates.pair('own.example');
  await open([]);
  const { driver } = stage;
  const all = [
    target('own', [over('own.example', [own])]),
    target('weak', [over('weak.example', [certificates.pair('weak.example')])]),
  ];
  await enter(driver, all);
  await copyFile(certificates.weakPair('weak.example'), `${own}.weak`);
  await copyFile(`${own}.weak`, certificates.file('weak.example.pair.pem'));
  const told = async (target: readonly ServiceTarget[]) =>
    (await driver.apply(target, deadline())).diagnostics.map(({ app, code }) => `${app} ${code}`);
  expect(await told(all)).toEqual(['/weak certificate-unusable']);
  // Others are not kept from what needs a reload.
  const more = [...all, target('plain', [plainListener(other, other)])];
  await enter(driver, more);
  expect((await request(other)).status).toBe(200);
  expect(await seen('own.example')).toBe('own.example');
  await copyFile(certificates.file('server.pem'), own);
  expect(await told(more)).toEqual(['/own certificate-unusable', '/weak certificate-unusable']);
  await copyFile(certificates.file('server.key'), `${own}.key`);
  expect(await told(more)).toEqual(['/weak certificate-unusable']);
  expect(await seen('own.example')).toBe('server');
});

test('a certificate outside its dates is used and told of, until it is renewed', async () => {
  const given = certificates.datedPair('given.example', '2020-01-01', '2020-01-31');
  const own = certificates.datedPair('own.example', '2090-01-01', '2090-01-31');
  const good = certificates.pair('good.example');
  await open([given]);
  const { driver } = stage;
  const all = [
    target('good', [over('good.example', [good])]),
    target('option', [over('option.example', [], { tls: null, bindOptions: ['ssl', 'crt', own] })]),
    target('own', [over('own.example', [own])]),
  ];
  const told = async () =>
    (await driver.apply(all, deadline())).diagnostics
      .filter(({ code }) => code !== 'bind-options-differ')
      .map(({ app, code, severity, value, problem }) => [
        app,
        code,
        severity,
        value,
        /: (.*)/.exec(problem)?.[1],
      ]);
  await enter(driver, all);
  const early = [
    'certificate-not-yet-valid',
    'warning',
    own,
    'CN=own.example, from 2090-01-01T00:00:00Z on.',
  ];
  expect(await told()).toEqual([
    [null, 'certificate-expired', 'warning', given, 'CN=given.example, on 2020-01-31T00:00:00Z.'],
    ['/option', ...early],
    ['/own', ...early],
  ]);
  expect(await Promise.all(['x.example', 'own.example', 'good.example'].map((host) => seen(host)))).toEqual([
    'given.example',
    'own.example',
    'good.example',
  ]);
  await copyFile(certificates.pair('renewed.example'), given);
  await copyFile(certificates.pair('current.example'), own);
  expect(await told()).toEqual([]);
  expect(await seen('x.example')).toBe('renewed.example');
});

test('a certificate is told of from the moment on that its dates pass, and nothing else changes', async () => {
  const path = certificates.pair('app.example');
  const clock = Date.now;
  let at: number | null = null;
  const now = vi.spyOn(Date, 'now').mockImplementation(() => at ?? clock());
  onTestFinished(() => now.mockRestore());
  await open([]);
  const all = [target('app', [over('app.example', [path])])];
  await enter(stage.driver, all);
  const told = async () => {
    const { reloads, changes, diagnostics } = await stage.driver.apply(all, deadline());
    return [reloads + changes, ...diagnostics.map(({ app, code }) => `${app} ${code}`)];
  };
  expect(await told()).toEqual([0]);
  const { validFromDate, validToDate } = new X509Certificate(await readFile(path));
  for (const [time, expected] of [
    [validToDate.getTime(), []],
    [validToDate.getTime() + 1, ['/app certificate-expired']],
    [validFromDate.getTime() - 1, ['/app certificate-not-yet-valid']],
    [validFromDate.getTime(), []],
  ] as const) {
    at = time;
    expect(await told()).toEqual([0, ...expected]);
  }
  at = null;
});

test('without a certificate https is not served, which matters to those alone who are sent there', async () => {
  await open([]);
  const all = [
    target('plain', [over('plain.example', []), plainListener(other, other)]),
    target('sent', [over('sent.example', []), plainListener(other, other)], { redirectToHttps: true }),
  ];
  const { diagnostics } = await stage.driver.apply(all, deadline());
  expect(diagnostics.map(({ app, code, severity, value }) => [app, code, severity, value])).toEqual([
    [null, 'certificate-missing', 'info', `:${port}`],
    ['/sent', 'https-unserved', 'warning', 'sent.example'],
  ]);
});

test('a certificate that Baton was given and cannot use is told of', async () => {
  await open(['/nowhere/cert.pem']);
  const { diagnostics } = await stage.driver.apply([], deadline());
  expect(diagnostics.map(({ app, code }) => [app, code])).toEqual([[null, 'certificate-unusable']]);
});
