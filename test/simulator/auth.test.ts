/** Whom the simulator lets in: passwords, tokens and the login of DC/OS, and what everybody else is answered. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import type { SimulatorAuth } from '../../src/simulator/gate.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';

let it: Simulator;
afterEach(() => it.close());

const mine = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });

async function begin(auth: SimulatorAuth): Promise<void> {
  it = await startSimulator({ tasks: 'addresses', auth });
}

async function get(path: string, authorization?: string): Promise<Response> {
  const headers = {
    accept: path === '/v2/events' ? 'text/event-stream' : '*/*',
    ...(authorization === undefined ? {} : { authorization }),
  };
  const answer = await fetch(`${it.url}${path}`, { headers });
  if (path === '/v2/events' && answer.ok) await answer.body?.cancel();
  return answer;
}

async function statuses(authorizations: readonly (string | undefined)[]): Promise<readonly number[]> {
  const answers = authorizations.map(async (each) => (await get('/v2/apps', each)).status);
  return await Promise.all(answers);
}

function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

function post(body: unknown): Promise<Response> {
  return fetch(`${it.url}/acs/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function tokenBy(body: unknown): Promise<string> {
  const answer = await post(body);
  return `token=${((await answer.json()) as { token: string }).token}`;
}

function proof(
  claims: Readonly<Record<string, unknown>> = {},
  key: KeyObject = mine.privateKey,
  alg = 'RS256',
): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + 60;
  const signed = `${part({ alg, typ: 'JWT' })}.${part({ uid: 'baton', exp, ...claims })}`;
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), key).toString('base64url')}`;
}

test('a password, as Marathon itself asks for it', async () => {
  await begin({ kind: 'basic', user: 'baton', password: 'a:b' });
  expect(await statuses([basic('baton:a:b'), basic('baton:a'), 'Bearer a:b', undefined])).toEqual([
    200, 401, 401, 401,
  ]);
  const refused = await get('/v2/events');
  expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
    401,
    'Basic realm="Mesosphere"',
  ]);
  expect(await refused.text()).toContain('HTTP ERROR 401');
  expect((await get('/v2/events', basic('baton:a:b'))).status).toBe(200);
});

test('a token, in both of the forms that there are; only what no Marathon has is open', async () => {
  await begin({ kind: 'token', token: 't1' });
  expect(await statuses(['Bearer t1', 'token=t1', 'Bearer t2', 'token=', 't1', undefined])).toEqual([
    200, 200, 401, 401, 401, 401,
  ]);
  const refused = await get('/v2/apps');
  expect(refused.headers.get('www-authenticate')).toBe('acsjwt');
  expect(refused.headers.get('content-type')).toBe('text/html; charset=UTF-8');
  // It is not Marathon that answers.
  expect(refused.headers.get('x-marathon-leader')).toBeNull();
  expect((await get('/_sim/faults')).status).toBe(200);
  for (const path of ['/ping', '/metrics', '/', '/nothing']) {
    const answers = [await get(path), await get(path, 'token=t1')];
    expect(answers.map(({ status }) => status === 401)).toEqual([true, false]);
  }
  expect((await post({ uid: 'baton', password: 'x' })).status).toBe(500);
});

describe('the login of DC/OS', () => {
  const accounts = { baton: mine.publicKey };

  test('for a password and for a key', async () => {
    await begin({ kind: 'dcos', accounts, users: { bob: 'secret' } });
    const tokens = [
      await tokenBy({ uid: 'bob', password: 'secret' }),
      await tokenBy({ uid: 'baton', token: proof() }),
    ];
    expect(await statuses([...tokens, undefined, `${tokens[0]}x`])).toEqual([200, 200, 401, 401]);
    expect((await get('/v2/events', tokens[1])).status).toBe(200);
    expect((await get('/v2/events')).status).toBe(401);
  });

  test.each([
    ['a wrong password', () => ({ uid: 'bob', password: 'wrong' })],
    ['nobody', () => ({ uid: 'eve', password: 'secret' })],
    ['no credentials', () => ({ uid: 'bob' })],
    ['another key', () => ({ uid: 'baton', token: proof({}, other.privateKey) })],
    ['a proof that has expired', () => ({ uid: 'baton', token: proof({ exp: Date.now() / 1000 - 1 }) })],
    ['a proof of somebody else', () => ({ uid: 'baton', token: proof({ uid: 'eve' }) })],
    ['a proof without a time', () => ({ uid: 'baton', token: proof({ exp: undefined }) })],
    ['another algorithm', () => ({ uid: 'baton', token: proof({}, mine.privateKey, 'none') })],
    ['no proof at all', () => ({ uid: 'baton', token: 'x' })],
    ['the proof for a user without a key', () => ({ uid: 'bob', token: proof({ uid: 'bob' }) })],
  ])('is refused for %s', async (_, body) => {
    await begin({ kind: 'dcos', accounts, users: { bob: 'secret' } });
    const answer = await post(body());
    expect([answer.status, await answer.json()]).toEqual([
      401,
      { title: 'Unauthorized', description: 'Invalid credentials.', code: 'ERR_INVALID_CREDENTIALS' },
    ]);
  });

  test('makes no sense without a name', async () => {
    await begin({ kind: 'dcos', accounts });
    expect((await post({ token: 'x' })).status).toBe(400);
  });

  test('its tokens expire, by the clock of the server, and can be revoked', async () => {
    await begin({ kind: 'dcos', accounts, tokenLifeMs: 60_000 });
    const token = await tokenBy({ uid: 'baton', token: proof() });
    it.faults.set({ kind: 'wrong-clock', minutes: 2 });
    expect(await statuses([token])).toEqual([401]);
    it.faults.clear('wrong-clock');
    expect(await statuses([token])).toEqual([200]);
    it.faults.set({ kind: 'revoke-tokens' });
    expect(await statuses([token, await tokenBy({ uid: 'baton', token: proof() })])).toEqual([401, 200]);
  });
});
