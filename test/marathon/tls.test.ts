/** TLS: whom Baton trusts, what it shows, and what it says when that does not fit. */
import { copyFileSync, writeFileSync } from 'node:fs';
import type { ServerOptions } from 'node:https';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type MarathonAccess, openAccess } from '../../src/marathon/access.ts';
import { type Certificates, makeCertificates } from '../support/certificates.ts';
import type { MarathonStatus } from '../../src/marathon/watch.ts';
import { until } from '../support/wait.ts';
import { type FakeMarathon, startFakeMarathon } from './support/fake-marathon.ts';
import { startSynced, startWatching, type Watching } from './support/watching.ts';
import { wireAppOf } from './support/wire.ts';

let certificates: Certificates;
let watching: Watching | null = null;

beforeAll(() => {
  certificates = makeCertificates();
});
afterAll(() => certificates.remove());
afterEach(async () => {
  await watching?.stop();
  watching = null;
});

async function server(options: ServerOptions = {}): Promise<FakeMarathon> {
  const pems = { cert: certificates.read('server.pem'), key: certificates.read('server.key') };
  const fake = await startFakeMarathon('', { ...pems, ...options });
  onTestFinished(() => fake.close());
  fake.apps.set('/a', wireAppOf('/a'));
  return fake;
}

function access(files: { ca?: string; cert?: string; key?: string }): { access: MarathonAccess } {
  const path = (name: string | undefined) => (name === undefined ? null : certificates.file(name));
  const tls = { caFile: path(files.ca), certFile: path(files.cert), keyFile: path(files.key) };
  return { access: { ...openAccess, tls } };
}

/** Waits until the trouble is told, and gives the whole status. */
async function trouble(about: RegExp): Promise<MarathonStatus | undefined> {
  const now = () => watching?.watch.status().trouble ?? '';
  await until(`trouble ${about}`, () => about.test(now()), { detail: now });
  return watching?.watch.status();
}

test('with its authority in --marathon-ca, stream and reads are trusted', async () => {
  watching = await startSynced([(await server()).url], access({ ca: 'ca.pem' }));
  await until('connected', () => watching?.watch.status().connected);
  expect(watching.app('/a')).toBeDefined();
});

test.each([
  ['another authority', { ca: 'other-ca.pem' }, /is its certificate valid, .*--marathon-ca\?/],
  ["only Node's own authorities", {}, /is its certificate valid, .*--marathon-ca\?/],
  ['a file that is not there', { ca: 'nobody.pem' }, /nobody\.pem cannot be read \(ENOENT\)/],
  ['a key for a certificate', { ca: 'ca.key' }, /ca\.key \(--marathon-ca\) holds no certificate/],
  [
    "somebody else's key",
    { ca: 'ca.pem', cert: 'client.pem', key: 'stranger.key' },
    /stranger\.key \(--marathon-key\) are no certificate with its key/,
  ],
])('%s is named as the trouble', async (_, files, message) => {
  const fake = await server();
  watching = startWatching([fake.url], access(files));
  expect(await trouble(message)).toMatchObject({ connected: false, syncedAt: null });
  expect(fake.requests).toEqual([]);
});

test('a certificate for another name', async () => {
  const { url } = await server();
  watching = startWatching([url.replace('127.0.0.1', 'localhost')], access({ ca: 'ca.pem' }));
  expect(await trouble(/its certificate is for other names/)).toMatchObject({
    connected: false,
    syncedAt: null,
  });
});

test('https where only http is spoken', async () => {
  const fake = await startFakeMarathon();
  onTestFinished(() => fake.close());
  watching = startWatching([fake.url.replace('http:', 'https:')]);
  expect(await trouble(/it does not speak TLS there/)).toMatchObject({ connected: false, syncedAt: null });
});

test('where a client certificate is asked for, one of a known authority is let in', async () => {
  const mutual = { ca: certificates.read('ca.pem'), requestCert: true, rejectUnauthorized: true };
  const { url } = await server(mutual);
  watching = startWatching([url], access({ ca: 'ca.pem' }));
  expect(await trouble(/does it ask for a client certificate that it knows \(--marathon-cert/)).toMatchObject(
    { connected: false, syncedAt: null },
  );
  await watching.stop();
  watching = startWatching([url], access({ ca: 'ca.pem', cert: 'stranger.pem', key: 'stranger.key' }));
  expect(await trouble(/does it ask for a client certificate that it knows/)).toMatchObject({
    connected: false,
    syncedAt: null,
  });
  await watching.stop();
  watching = await startSynced([url], access({ ca: 'ca.pem', cert: 'client.pem', key: 'client.key' }));
  expect(watching.app('/a')).toBeDefined();
});

test('a file that is corrected counts without a restart', async () => {
  writeFileSync(certificates.file('later.pem'), 'not yet');
  watching = startWatching([(await server()).url], access({ ca: 'later.pem' }));
  expect(await trouble(/later\.pem \(--marathon-ca\) holds no certificate/)).toMatchObject({
    connected: false,
    syncedAt: null,
  });
  copyFileSync(certificates.file('ca.pem'), certificates.file('later.pem'));
  await until('synced', () => watching?.watch.status().syncedAt !== null);
});
