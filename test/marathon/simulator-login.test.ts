/** Logging in to a simulated Marathon: what is right, what is wrong, what expires, and what is revoked. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type MarathonAccess, openAccess } from '../../src/marathon/access.ts';
import type { SimulatorAuth } from '../../src/simulator/gate.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { until } from '../support/wait.ts';
import { startSynced, startWatching, type Watching } from './support/watching.ts';

const mine = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
const soon = { backoff: { firstMs: 20, maxMs: 50 } };

let directory: string;
let simulator: Simulator | null;
let watching: Watching | null;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'b-'));
  simulator = null;
  watching = null;
});

afterEach(async () => {
  await watching?.stop();
  await simulator?.close();
  rmSync(directory, { recursive: true, force: true });
});

async function begin(auth: SimulatorAuth): Promise<Simulator> {
  simulator = await startSimulator({ tasks: 'addresses', auth });
  return simulator;
}

function write(name: string, text: string): string {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
}

function login(way: MarathonAccess['login']): { access: MarathonAccess } {
  return { access: { ...openAccess, login: way } };
}

async function trouble(about: RegExp): Promise<void> {
  await until(`trouble ${about}`, () => about.test(watching?.watch.status().trouble ?? ''), {
    detail: () => watching?.watch.status().trouble,
  });
}

async function connected(): Promise<boolean> {
  return await until('the stream', () => watching?.watch.status().connected, {
    detail: () => watching?.watch.status(),
  });
}

test('a password that is wrong, and then right', async () => {
  const { url } = await begin({ kind: 'basic', user: 'baton', password: 'right' });
  const passwordFile = write('password', 'wrong');
  watching = startWatching([url], login({ kind: 'basic', user: 'baton', passwordFile }), soon);
  await trouble(/answered 401; is the password in .*password that of baton/);
  write('password', 'right');
  expect(await connected()).toBe(true);
});

test.each(['bearer', 'token'] as const)('a %s that is wrong, and then right', async (scheme) => {
  const { url } = await begin({ kind: 'token', token: 't1' });
  const file = write('token', 't0');
  watching = startWatching([url], login({ kind: 'token', file, scheme }), soon);
  await trouble(/answered 401; is the token in .*token still valid/);
  write('token', 't1');
  expect(await connected()).toBe(true);
});

describe('a service account', () => {
  function account(privateKey = mine.privateKey, uid = 'baton') {
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    return login({
      kind: 'service-account',
      file: write('account.json', JSON.stringify({ uid, private_key: pem, scheme: 'RS256' })),
    });
  }

  function dcos(tokenLifeMs = 3_600_000): Promise<Simulator> {
    return begin({ kind: 'dcos', accounts: { baton: mine.publicKey }, tokenLifeMs });
  }

  test.each([
    ['key', other.privateKey, 'baton'],
    ['name', mine.privateKey, 'notab'],
  ])('with a wrong %s, and then the right one', async (_, key, uid) => {
    const { url } = await dcos();
    watching = startWatching([url], account(key, uid), soon);
    await trouble(/the login at .* answered 401 to the service account .* clock right/);
    account();
    expect(await connected()).toBe(true);
  });

  test('whose tokens expire has another in time, without a failed read', async () => {
    const { url } = await dcos(2_000);
    watching = await startSynced([url], { ...account(), resyncMs: 50 });
    const begun = watching.watch.status().syncedAt ?? 0;
    await until('reads after the end of two tokens', () => {
      const read = watching?.watch.status().syncedAt ?? 0;
      return read - begun > 5_000;
    });
    expect(watching.of('sync-failed')).toEqual([]);
    expect(watching.of('disconnected')).toEqual([]);
  });

  test('whose tokens are revoked in the middle logs in again, and no read fails', async () => {
    const { url, faults } = await dcos();
    watching = await startSynced([url], { ...account(), resyncMs: 30 });
    for (let n = 0; n < 3; n += 1) {
      faults.set({ kind: 'revoke-tokens' });
      const before = watching.of('synced').length;
      await until('more reads', () => (watching?.of('synced').length ?? 0) > before + 2);
    }
    simulator?.closeStreams();
    faults.set({ kind: 'revoke-tokens' });
    await until('another stream', () => simulator?.subscribers() === 1);
    expect(await connected()).toBe(true);
    expect(watching.of('sync-failed')).toEqual([]);
  });

  test('to a server whose clock is wrong by more than a proof lasts is told to look at the clock', async () => {
    const { url, faults } = await dcos();
    faults.set({ kind: 'wrong-clock', minutes: 10 });
    watching = startWatching([url], account(), soon);
    await trouble(/is this machine's clock right/);
    faults.clear();
    expect(await connected()).toBe(true);
  });
});
