/** Redirects: to the leader with the credentials, and nowhere else. */
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { target } from '../../src/marathon/redirect.ts';
import { until } from '../support/wait.ts';
import { type FakeMarathon, startFakeMarathon } from './support/fake-marathon.ts';
import { startSynced, startWatching, type Watching } from './support/watching.ts';
import { wireAppOf } from './support/wire.ts';

const basic = `Basic ${Buffer.from('user:secret').toString('base64')}`;
let standby: FakeMarathon;
let leader: FakeMarathon;

beforeEach(async () => {
  [standby, leader] = await Promise.all([startFakeMarathon(), startFakeMarathon()]);
  leader.apps.set('/a', wireAppOf('/a'));
  leadTo(standby, (path) => `${leader.url}${path}`);
});

afterEach(async () => {
  await Promise.all([standby.close(), leader.close()]);
});

function stopped(watching: Watching): Watching {
  onTestFinished(() => watching.stop());
  return watching;
}

function leadTo(from: FakeMarathon, location: (path: string) => string): void {
  from.intercept = (request, response) => {
    const query = request.query.size === 0 ? '' : `?${String(request.query)}`;
    response.writeHead(302, { location: location(`${request.path}${query}`) }).end();
    return true;
  };
}

function withPassword({ url }: FakeMarathon): string {
  return url.replace('//', '//user:secret@');
}

test('a standby leads stream and reads to the leader, with the credentials', async () => {
  const watching = stopped(await startSynced([withPassword(standby)]));
  await until('connected', () => watching.watch.status().connected);
  leader.apps.set('/a', wireAppOf('/a', { instances: 3 }));
  leader.event('status_update_event', { appId: '/a' });
  await until('the news', () => watching.app('/a')?.instances === 3);
  expect(new Set(leader.requests.map(({ headers }) => headers.authorization))).toEqual(new Set([basic]));
  expect(leader.requests.find(({ path }) => path === '/v2/apps')?.query.getAll('embed')).toHaveLength(3);
  expect(watching.of('disconnected')).toEqual([]);
});

test('when the leader changes, the standby leads to the new one', async () => {
  const watching = stopped(await startSynced([withPassword(standby)]));
  await until('connected', () => watching.watch.status().connected);
  const next = await startFakeMarathon();
  onTestFinished(() => next.close());
  next.apps.set('/b', wireAppOf('/b'));
  leadTo(standby, (path) => `${next.url}${path}`);
  await leader.close();
  await until('the apps of the new one', () => watching.app('/b') !== undefined);
  expect(next.requests[0]?.headers.authorization).toBe(basic);
});

test('a login page gets no credentials', async () => {
  leadTo(standby, () => `${leader.url}/login?next=/v2/apps`);
  const watching = stopped(startWatching([withPassword(standby)]));
  await until('a failed read', () => watching.of('sync-failed').length > 0);
  expect(watching.watch.status().trouble).toMatch(
    /answered 302, to http:.*\/login, which is not followed: .* does a proxy ask for a login/,
  );
  expect(leader.requests).toEqual([]);
  expect(JSON.stringify([watching.notices, watching.watch.status()])).not.toContain('secret');
});

test('two nodes that take each other for the leader are not followed for ever', async () => {
  leadTo(leader, (path) => `${standby.url}${path}`);
  const watching = stopped(
    startWatching([standby.url], {}, { backoff: { firstMs: 600_000, maxMs: 600_000 } }),
  );
  await until('a failed read', () => watching.of('sync-failed').length > 0);
  expect(watching.watch.status().trouble).toMatch(/after 2 redirects; do the nodes of Marathon agree/);
  const asked = (path: string) => standby.count(path) + leader.count(path);
  expect([asked('/v2/events'), asked('/v2/apps')]).toEqual([3, 3]);
});

describe('the target', () => {
  const hop = { route: '/v2/apps?embed=apps.tasks', status: 302, hops: 0, withCredentials: true };
  const from = new URL('https://one/marathon/v2/apps?embed=apps.tasks');

  test.each([
    ['https://two:8443/v2/apps?embed=apps.tasks', 'https://two:8443/v2/apps?embed=apps.tasks'],
    ['https://u:p@two/v2/apps?x=1', 'https://two/v2/apps?x=1'],
    ['//two/v2/apps', 'https://two/v2/apps?embed=apps.tasks'],
    ['/marathon/v2/apps', 'https://one/marathon/v2/apps?embed=apps.tasks'],
  ])('%s is followed', (location, to) => {
    expect(target({ ...hop, from, location }).href).toBe(to);
  });

  test.each([
    ['ftp://two/v2/apps', /not where Marathon would send/],
    ['https://two/v2/apps/login', /not where Marathon would send/],
    ['https://u:p%ss@two/?next=/v2/apps', /not where Marathon would send/],
    ['http://[', /an address that cannot be read/],
    ['http://two/v2/apps', /in the clear; list the https addresses of all nodes/],
  ])('%s is not', (location, message) => {
    expect(() => target({ ...hop, from, location })).toThrow(message);
    expect(() => target({ ...hop, from, location })).not.toThrow(/u:p/);
  });

  test('without credentials http will do', () => {
    const location = 'http://two/v2/apps';
    expect(target({ ...hop, from, location, withCredentials: false }).host).toBe('two');
  });
});
