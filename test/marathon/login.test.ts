/** Logging in: what is sent, when it is renewed, and what is said when it is refused. */
import { generateKeyPairSync, type KeyObject, verify } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { MarathonAccess } from '../../src/marathon/access.ts';
import { createAccess, openAccess } from '../../src/marathon/access.ts';
import { parseAddress } from '../../src/marathon/address.ts';
import type { MarathonStatus } from '../../src/marathon/watch.ts';
import { until } from '../support/wait.ts';
import { type FakeMarathon, html, json, startFakeMarathon } from './support/fake-marathon.ts';
import { startSynced, startWatching, type Watching } from './support/watching.ts';
import { wireAppOf } from './support/wire.ts';

const soon = { backoff: { firstMs: 20, maxMs: 50 } };
let directory: string;
let fake: FakeMarathon;
let watching: Watching | null;
/** What Marathon lets in. */
let accepted: Set<string>;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'b-'));
  watching = null;
  accepted = new Set();
  fake = await startFakeMarathon();
  fake.apps.set('/a', wireAppOf('/a'));
  fake.intercept = (request, response) => {
    if (accepted.has(request.headers.authorization ?? '')) return false;
    html(response, 401);
    return true;
  };
});

afterEach(async () => {
  await watching?.stop();
  await fake.close();
  rmSync(directory, { recursive: true, force: true });
});

/** As whatever rotates secrets does: who reads amid a change in place may have the beginning of the new one. */
function write(name: string, text: string): string {
  const file = join(directory, name);
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
  return file;
}

function login(way: MarathonAccess['login']): { access: MarathonAccess } {
  return { access: { ...openAccess, login: way } };
}

function sent(): readonly string[] {
  return [...new Set(fake.requests.map(({ headers }) => headers.authorization ?? 'nothing'))];
}

/** Waits until the trouble is told, and gives the whole status. */
async function trouble(about: RegExp): Promise<MarathonStatus | undefined> {
  await until(`trouble ${about}`, () => about.test(watching?.watch.status().trouble ?? ''), {
    detail: () => watching?.watch.status().trouble,
  });
  return watching?.watch.status();
}

function unsigned(claims: Readonly<Record<string, unknown>>): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256' })}.${part(claims)}.c2ln`;
}

describe('a password', () => {
  test('in a file is sent with the user, without the end of its line', async () => {
    accepted.add(`Basic ${Buffer.from('baton:a b:c').toString('base64')}`);
    const passwordFile = write('password', 'a b:c\n');
    watching = await startSynced([fake.url], login({ kind: 'basic', user: 'baton', passwordFile }));
    expect(sent()).toEqual([...accepted]);
  });

  test('that is wrong is named with its file, never shown, and counts as soon as it is corrected', async () => {
    accepted.add(`Basic ${Buffer.from('baton:right').toString('base64')}`);
    const passwordFile = write('password', 'wrong-secret');
    watching = startWatching([fake.url], login({ kind: 'basic', user: 'baton', passwordFile }), soon);
    expect(await trouble(/answered 401; is the password in .*password that of baton/)).toMatchObject({
      connected: false,
      syncedAt: null,
    });
    expect(JSON.stringify([watching.notices, watching.watch.status()])).not.toContain('secret');
    write('password', 'right');
    await until('synced', () => watching?.watch.status().syncedAt !== null);
  });

  test('that is missing where one is asked for', async () => {
    watching = startWatching([fake.url], {}, soon);
    expect(await trouble(/it asks who Baton is: give --marathon-user/)).toMatchObject({
      connected: false,
      syncedAt: null,
    });
  });

  test.each([
    ['empty', '\n', /password is empty/],
    ['of two lines', 'one\ntwo\n', /should hold the secret and nothing else/],
  ])('file that is %s', async (_, text, message) => {
    const passwordFile = write('password', text);
    watching = startWatching([fake.url], login({ kind: 'basic', user: 'baton', passwordFile }), soon);
    expect(await trouble(message)).toMatchObject({ connected: false, syncedAt: null });
    expect(fake.requests).toEqual([]);
  });
});

describe('a token', () => {
  test.each([
    ['bearer', 'Bearer t1'],
    ['token', 'token=t1'],
  ] as const)('is sent as %s', async (scheme, header) => {
    accepted.add(header);
    const file = write('token', 't1\n');
    watching = await startSynced([fake.url], login({ kind: 'token', file, scheme }));
    expect(sent()).toEqual([header]);
  });

  test('that rotates is followed without a failed read', async () => {
    accepted.add('Bearer t1');
    const file = write('token', 't1');
    watching = await startSynced([fake.url], {
      ...login({ kind: 'token', file, scheme: 'bearer' }),
      resyncMs: 30,
    });
    write('token', 't2');
    accepted.add('Bearer t2');
    accepted.delete('Bearer t1');
    await until('reads with it', () => fake.requests.at(-1)?.headers.authorization === 'Bearer t2');
    // A file that is being replaced is not the end of the token.
    rmSync(file);
    const before = fake.requests.length;
    await until('more reads', () => fake.requests.length > before + 2);
    expect(sent()).toEqual(['Bearer t1', 'Bearer t2']);
    expect(watching.of('sync-failed')).toEqual([]);
  });

  test('that changes while it is refused is tried at once', async () => {
    const file = write('token', 't1');
    fake.intercept = (request, response) => {
      if (request.headers.authorization === 'Bearer t2') return false;
      write('token', 't2');
      html(response, 401);
      return true;
    };
    watching = await startSynced([fake.url], login({ kind: 'token', file, scheme: 'bearer' }));
    expect(watching.of('disconnected')).toEqual([]);
    expect(sent()).toEqual(['Bearer t1', 'Bearer t2']);
  });

  test.each([
    ['a byte order mark', '\uFEFFt2'],
    ['its scheme', 'Bearer t2'],
    ['a typographic quote', '“t2”'],
  ])('with %s is told, and the last good one is used', async (_, bad) => {
    const file = write('token', bad);
    const options = { ...login({ kind: 'token', file, scheme: 'bearer' }), resyncMs: 30 };
    accepted.add('Bearer t1');
    watching = startWatching([fake.url], options, soon);
    expect(await trouble(/should hold the token alone/)).toMatchObject({ connected: false, syncedAt: null });
    expect(fake.requests).toEqual([]);
    write('token', 't1');
    await until('synced', () => watching?.watch.status().syncedAt !== null);
    write('token', bad);
    const before = fake.requests.length;
    await until('more reads', () => fake.requests.length > before + 2);
    expect(sent()).toEqual(['Bearer t1']);
  });

  test('that has expired is told with the time', async () => {
    const file = write('token', unsigned({ uid: 'baton', exp: 1_700_000_000 }));
    watching = startWatching([fake.url], login({ kind: 'token', file, scheme: 'token' }), soon);
    expect(await trouble(/the token in .*token expired at 2023-11-14T22:13:20.000Z/)).toMatchObject({
      connected: false,
      syncedAt: null,
    });
  });
});

describe('a DC/OS service account', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  /** How long the next tokens live, in s. */
  let lifeSec: number;
  let issued: string[];
  let proofs: { uid: string; token: string }[];
  let loginAnswer: (() => { status: number; body: unknown }) | null;

  beforeEach(() => {
    lifeSec = 3600;
    issued = [];
    proofs = [];
    loginAnswer = null;
    fake.intercept = async (request, response) => {
      if (request.path === '/acs/api/v1/auth/login') {
        proofs.push(JSON.parse(await request.body()) as { uid: string; token: string });
        const token = unsigned({
          uid: 'baton',
          n: issued.length,
          exp: Math.floor(Date.now() / 1000) + lifeSec,
        });
        if (loginAnswer === null) {
          issued.push(`token=${token}`);
          accepted = new Set([`token=${token}`]);
        }
        const { status, body } = loginAnswer?.() ?? { status: 200, body: { token } };
        json(response, status, body);
        return true;
      }
      if (accepted.has(request.headers.authorization ?? '')) return false;
      html(response, 401);
      return true;
    };
  });

  function account(fields: Readonly<Record<string, unknown>> = {}, key: KeyObject = privateKey) {
    const pem = key.export({ type: 'pkcs8', format: 'pem' });
    const endpoint = `${fake.url}/acs/api/v1/auth/login`;
    const content = { uid: 'baton', private_key: pem, login_endpoint: endpoint, scheme: 'RS256', ...fields };
    return login({ kind: 'service-account', file: write('account.json', JSON.stringify(content)) });
  }

  test('proves its key with RS256, once for all requests', async () => {
    watching = await startSynced([fake.url], { ...account(), resyncMs: 30 });
    await until('more reads', () => fake.count('/v2/apps') > 3);
    expect(proofs).toHaveLength(1);
    const [head = '', payload = '', signature = ''] = proofs[0]?.token.split('.') ?? [];
    const content = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());
    expect(content(head)).toEqual({ typ: 'JWT', alg: 'RS256' });
    expect(content(payload)).toEqual({ uid: 'baton', exp: expect.any(Number) as unknown });
    const data = Buffer.from(`${head}.${payload}`);
    expect(verify('RSA-SHA256', data, publicKey, Buffer.from(signature, 'base64url'))).toBe(true);
    expect(sent()).toEqual(['nothing', issued[0]]);
  });

  test('without a login endpoint logs in at the host of Marathon', async () => {
    watching = await startSynced([fake.url], account({ login_endpoint: undefined }));
    expect(fake.count('/acs/api/v1/auth/login')).toBe(1);
  });

  test.each([
    ['a tenth of its life is left', 1000, 900],
    ['five minutes are left of a long life', 432_000, 431_700],
  ])('renews its token when %s', async (_, life, renewAfter) => {
    lifeSec = life;
    const begun = Math.floor(Date.now() / 1000) * 1000;
    vi.useFakeTimers({ toFake: ['Date'], now: begun });
    onTestFinished(() => void vi.useRealTimers());
    const access = createAccess(account().access, 3000, new AbortController().signal);
    const loginsAfter = async (seconds: number): Promise<number> => {
      vi.setSystemTime(begun + seconds * 1000);
      await access.login.header(parseAddress(fake.url));
      return issued.length;
    };
    expect(await loginsAfter(0)).toBe(1);
    expect(await loginsAfter(renewAfter - 1)).toBe(1);
    expect(await loginsAfter(renewAfter)).toBe(2);
  });

  test('renews its token as often as it must, without a failed read', async () => {
    lifeSec = 2;
    watching = await startSynced([fake.url], { ...account(), resyncMs: 30 });
    await until('three logins', () => issued.length >= 3);
    expect(watching.of('sync-failed')).toEqual([]);
    expect(watching.of('disconnected')).toEqual([]);
  });

  test('uses a token that is still good while the login is away', async () => {
    lifeSec = 3;
    watching = await startSynced([fake.url], { ...account(), resyncMs: 30 });
    loginAnswer = () => ({ status: 503, body: {} });
    await until('a renewal that failed', () => proofs.length >= 2);
    const before = watching.of('synced').length;
    await until('more reads', () => (watching?.of('synced').length ?? 0) > before + 2);
    expect(watching.of('sync-failed')).toEqual([]);
    expect(proofs).toHaveLength(2);
  });

  test('logs in again when its token is refused', async () => {
    watching = await startSynced([fake.url], { ...account(), resyncMs: 30 });
    accepted.clear();
    await until('another token in use', () => fake.requests.at(-1)?.headers.authorization === issued[1]);
    expect(watching.of('sync-failed')).toEqual([]);
    expect(issued).toHaveLength(2);
  });

  test.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ['no key', { private_key: 'x' }, /account\.json is no DC\/OS service account/],
    ['another scheme', { scheme: 'HS256' }, /is no DC\/OS service account/],
    ['no user', { uid: undefined }, /is no DC\/OS service account/],
    [
      'nobody at its endpoint',
      { login_endpoint: 'http://127.0.0.1:1/' },
      /no login service answered at http:\/\/127\.0\.0\.1:1\/: connection refused/,
    ],
  ])('with %s', async (_, fields, message) => {
    watching = startWatching([fake.url], account(fields), soon);
    expect(await trouble(message)).toMatchObject({ connected: false, syncedAt: null });
  });

  test.each<[number, unknown, RegExp]>([
    [
      401,
      { code: 'ERR_INVALID_CREDENTIALS' },
      /answered 401 to the service account baton; is the private key .* clock right/,
    ],
    [500, {}, /the login at .* answered 500/],
    [200, { hello: 1 }, /answered without a token/],
  ])('whose login answers %i %j', async (status, body, message) => {
    loginAnswer = () => ({ status, body });
    watching = startWatching([fake.url], account(), soon);
    expect(await trouble(message)).toMatchObject({ connected: false, syncedAt: null });
    expect(JSON.stringify(watching.notices)).not.toContain('PRIVATE');
  });

  test('a login that hangs does not hold up the stop', async () => {
    fake.intercept = (request) => request.path === '/acs/api/v1/auth/login';
    watching = startWatching([fake.url], { ...account(), requestTimeoutMs: 600_000 });
    await until('the login', () => fake.count('/acs/api/v1/auth/login') === 1);
    await watching.stop();
    expect(watching.of('synced')).toEqual([]);
  });
});
