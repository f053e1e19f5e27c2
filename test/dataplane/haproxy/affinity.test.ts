/** A client stays on its app, through a real HAProxy. */
import http from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { plainListener, plainRules } from '../../../src/declared/types.ts';
import { appId, type SlotName } from '../../../src/model/ids.ts';
import type { ServiceTarget } from '../../../src/plan/target.ts';
import { makeCertificates } from '../../support/certificates.ts';
import type { Farm } from '../../support/farm.ts';
import { freePorts } from '../../support/free-ports.ts';
import { type Answer, request } from '../../support/load.ts';
import { endpoints, pool, service } from '../../support/targets.ts';
import { deadline, enter, openStage, type Stage } from './stage.ts';

let stage: Stage;
let old: Farm;
let fresh: Farm;
let port: number;
let other: number;

beforeEach(async () => {
  stage = await openStage();
  [old, fresh] = await Promise.all([stage.farm('old', 2), stage.farm('fresh', 2)]);
  [port, other] = (await freePorts(2)) as [number, number];
});
afterEach(async () => {
  await stage.dispose();
});

interface Wish extends Partial<ServiceTarget> {
  /** The slots whose pools finish what they have. */
  readonly draining?: string;
}

function target(shares: readonly [number, number], { draining = '', ...more }: Wish = {}): ServiceTarget {
  const of = (slot: string) => ({ draining: draining.includes(slot) });
  return service(
    '/app',
    port,
    [
      pool('/old', 'a', shares[0], endpoints('old', old.ports), of('a')),
      pool('/fresh', 'b', shares[1], endpoints('fresh', fresh.ports), of('b')),
    ],
    { affinity: true, ...more },
  );
}

async function apply(next: ServiceTarget): Promise<void> {
  const scope = new Set([next.service]);
  expect((await stage.driver.apply([next], deadline(), scope)).reloads).toBe(0);
  expect(await stage.driver.verify([next], deadline(), scope)).toEqual({ outcome: 'yes' });
}

function appIn(answer: Answer): string {
  return JSON.parse(answer.body).app;
}

function cookiesIn(answer: Answer): readonly string[] {
  return answer.headers['set-cookie'] ?? [];
}

async function ask(cookie: string, more: { readonly agent?: http.Agent; readonly at?: number } = {}) {
  const { at = port, ...rest } = more;
  return await request(at, { headers: { cookie }, ...rest });
}

/** The cookies of a client of that app. */
async function clientOf(app: string): Promise<string> {
  for (let tries = 0; tries < 20; tries++) {
    const answer = await request(port);
    const cookies = cookiesIn(answer).map((each) => each.split(';')[0]);
    if (appIn(answer) === app && cookies.length > 0) return cookies.join('; ');
  }
  throw new Error(`nobody was served by ${app}`);
}

test('a client stays on its app while that has a share or drains, and is moved at once when it is aborted', async () => {
  await enter(stage.driver, [target([5_000, 5_000])]);
  const first = await request(port);
  expect(cookiesIn(first)[0]).toMatch(/^baton_[\da-f]{12}=[\da-f]{12}; Path=\/; HttpOnly; SameSite=Lax$/);
  expect(first.headers['cache-control']).toBe('private');
  const cookie = await clientOf('fresh');
  const agent = new http.Agent({ keepAlive: true });
  const moves: readonly (readonly [ServiceTarget, string])[] = [
    [target([5_000, 5_000]), 'fresh'],
    [target([9_999, 1]), 'fresh'],
    [target([10_000, 0], { draining: 'b' }), 'fresh'],
    [target([10_000, 0]), 'old'],
    [target([0, 10_000], { draining: 'a' }), 'fresh'],
  ];
  for (const [next, app] of moves) {
    await apply(next);
    for (let n = 0; n < 10; n++) {
      const answer = await ask(`a=1; ${cookie}; b=2`, { agent });
      expect([appIn(answer), JSON.parse(answer.body).headers.cookie]).toEqual([app, 'a=1; b=2']);
      // Who is at home gets none; who is not gets the one of whoever serves.
      expect(cookiesIn(answer).length).toBe(app === 'fresh' ? 0 : 1);
    }
  }
  agent.destroy();
  await apply(target([10_000, 0]));
  const moved = (await ask(cookie)).headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  await apply(target([1, 9_999]));
  expect(appIn(await ask(moved))).toBe('old');
});

test('it is the app that is remembered, not the slot', async () => {
  const { driver } = stage;
  await enter(driver, [target([5_000, 5_000])]);
  const cookie = await clientOf('fresh');
  const [a, b] = target([0, 10_000]).pools;
  if (a === undefined || b === undefined) throw new Error('there are two pools');
  const spare = [a, { ...b, slot: 'c' as SlotName }];
  await enter(driver, [target([0, 0], { pools: spare, failover: spare.map(({ slot }) => slot) })]);
  const even = spare.map((each) => ({ ...each, weight: 5_000 }));
  await apply(target([0, 0], { pools: even, failover: even.map(({ slot }) => slot) }));
  for (let n = 0; n < 6; n++) expect(appIn(await ask(cookie))).toBe('fresh');
});

test('a fail-over answer sets no cookie, and the client comes back with its pool', async () => {
  await enter(stage.driver, [target([5_000, 5_000])]);
  const cookie = await clientOf('fresh');
  await fresh.kill();
  for (let n = 0; n < 4; n++) {
    const answer = await ask(cookie);
    expect([answer.status, appIn(answer), cookiesIn(answer)]).toEqual([200, 'old', []]);
    const stranger = await request(port);
    expect([stranger.status, appIn(stranger)]).toEqual([200, 'old']);
    expect(cookiesIn(stranger).join()).not.toContain(cookie);
  }
});

test('beside it a client stays on its task, and matches come first', async () => {
  const rules = { ...plainRules, sticky: true };
  const matches = [{ slot: 'a' as SlotName, rule: { kind: 'header', name: 'x-old', value: '1' } as const }];
  const listeners = [plainListener(port, port), { ...plainListener(other, other), only: appId('/old') }];
  const both = { rules, matches, listeners };
  await enter(stage.driver, [target([5_000, 5_000], both)]);
  const cookies = await clientOf('fresh');
  expect(cookies).toMatch(/mesosphere_server_id=b\.fresh-\d/);
  expect(cookies).toMatch(/baton_/);
  const task = JSON.parse((await ask(cookies)).body).name;
  for (let n = 0; n < 6; n++) expect(JSON.parse((await ask(cookies)).body).name).toBe(task);
  // The app counts, whatever task another cookie names.
  const torn = cookies.replace(/b\.fresh-\d/, 'a.old-0');
  for (let n = 0; n < 4; n++) expect(appIn(await ask(torn))).toBe('fresh');
  const led = await request(port, { headers: { cookie: cookies, 'x-old': '1' } });
  expect([appIn(led), cookiesIn(led).some((each) => each.startsWith('baton_'))]).toEqual(['old', false]);
  expect(appIn(await ask(cookies, { at: other }))).toBe('old');
  await apply(target([10_000, 0], both));
  expect(appIn(await ask(cookies))).toBe('old');
});

test('it is switched on by one reload, off and on again by none, and never mixes services', async () => {
  const { driver } = stage;
  const beside = service('/other', other, [pool('/old', 'a', 10_000, endpoints('o', old.ports))], {
    affinity: true,
  });
  const off = target([5_000, 5_000], { affinity: false });
  await enter(driver, [off, beside]);
  expect(cookiesIn(await request(port))).toEqual([]);
  const reloads: number[] = [];
  for (const affinity of [true, false, true]) {
    const next = [target([5_000, 5_000], { affinity }), beside];
    reloads.push((await driver.apply(next, deadline())).reloads);
    expect(cookiesIn(await request(port)).length).toBe(affinity ? 1 : 0);
  }
  expect(reloads).toEqual([1, 0, 0]);
  const cookie = await clientOf('old');
  const there = await ask(cookie, { at: other });
  expect(cookiesIn(there)).toHaveLength(1);
  expect(cookiesIn(there)[0]?.split('=')[0]).not.toBe(cookie.split('=')[0]);
});

test('over TLS the cookie is for TLS only', async () => {
  const certificates = makeCertificates();
  try {
    const tls = { certificates: [certificates.pair('a.example')] };
    const listeners = [{ ...plainListener(port, port), tls }];
    await enter(stage.driver, [target([10_000, 0], { listeners })]);
    const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
    const { default: https } = await import('node:https');
    https
      .get({ host: '127.0.0.1', port, rejectUnauthorized: false, agent: false }, (answer) => {
        answer.resume();
        resolve(answer.headers['set-cookie'] ?? []);
      })
      .on('error', reject);
    expect(await promise).toEqual([expect.stringMatching(/; SameSite=Lax; Secure$/)]);
  } finally {
    certificates.remove();
  }
});
