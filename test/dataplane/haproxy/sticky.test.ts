/** A client stays on its task, through a real HAProxy. */
import http from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { plainListener, plainRules } from '../../../src/declared/types.ts';
import type { ServerName } from '../../../src/model/ids.ts';
import { appId } from '../../../src/model/ids.ts';
import type { EndpointTarget, ServiceTarget } from '../../../src/plan/target.ts';
import type { Farm } from '../../support/farm.ts';
import { freePorts } from '../../support/free-ports.ts';
import { type Answer, request } from '../../support/load.ts';
import { endpoints, pool, service } from '../../support/targets.ts';
import { deadline, enter, openStage, type Stage } from './stage.ts';

let stage: Stage;
let old: Farm;
let fresh: Farm;
let port: number;
let direct: number;

beforeEach(async () => {
  stage = await openStage();
  [old, fresh] = await Promise.all([stage.farm('old', 3), stage.farm('fresh', 3)]);
  [port, direct] = (await freePorts(2)) as [number, number];
});
afterEach(async () => {
  await stage.dispose();
});

function target(
  shares: readonly [number, number],
  isFreshIn: (endpoint: EndpointTarget) => boolean = () => true,
  draining = false,
): readonly ServiceTarget[] {
  const rotated = endpoints('fresh', fresh.ports).map(
    (each): EndpointTarget => ({ ...each, rotation: isFreshIn(each) ? 'in' : 'hold' }),
  );
  return [
    service(
      '/app',
      port,
      [
        pool('/old', 'a', shares[0], endpoints('old', old.ports)),
        pool('/fresh', 'b', shares[1], rotated, { draining }),
      ],
      {
        listeners: [plainListener(port, port), { ...plainListener(direct, direct), only: appId('/old') }],
        rules: { ...plainRules, sticky: true },
      },
    ),
  ];
}

function nameIn(answer: Answer): string {
  return JSON.parse(answer.body).name;
}

/** The cookie that an answer sets, as a client sends it back. */
function cookieIn(answer: Answer): string | undefined {
  return answer.headers['set-cookie']?.[0]?.split(';')[0];
}

async function ask(cookie: string, at = port): Promise<Answer> {
  return request(at, { headers: { cookie } });
}

/** A client of the new version, with its cookie and its task. */
async function clientOf(app: string): Promise<{ readonly cookie: string; readonly task: string }> {
  for (let tries = 0; tries < 20; tries++) {
    const answer = await request(port);
    const cookie = cookieIn(answer);
    if (JSON.parse(answer.body).app === app && cookie !== undefined) return { cookie, task: nameIn(answer) };
  }
  throw new Error(`nobody was served by ${app}`);
}

test('1,000 requests stay on one task, whatever becomes of the shares, and leave when it leaves', async () => {
  const { driver } = stage;
  await enter(driver, target([5_000, 5_000]));
  const first = await request(port);
  expect(first.headers['set-cookie']?.[0]).toMatch(/^mesosphere_server_id=[ab]\.(?:old|fresh)-\d; path=\/$/);
  expect(first.headers['cache-control']).toBe('private');
  const { cookie, task } = await clientOf('fresh');
  const agent = new http.Agent({ keepAlive: true });
  const names = new Set<string>();
  for (let n = 0; n < 1_000; n++) {
    if (n === 300) await driver.apply(target([9_000, 1_000]), deadline());
    if (n === 600) await driver.apply(target([10_000, 0], undefined, true), deadline());
    const answer = await request(port, { headers: { cookie: `a=1; ${cookie}; b=2` }, agent });
    names.add(`${nameIn(answer)} ${cookieIn(answer)} ${JSON.parse(answer.body).headers.cookie}`);
  }
  agent.destroy();
  expect([...names]).toEqual([`${task} undefined a=1; b=2`]);
  // Aborted: nobody of the version is in rotation any more. Replaced: all are, and stand by.
  for (const isFreshIn of [() => false, () => true]) {
    const all = target([10_000, 0], isFreshIn);
    expect((await driver.apply(all, deadline())).reloads).toBe(0);
    expect(await driver.verify(all, deadline())).toEqual({ outcome: 'yes' });
    expect(nameIn(await ask(cookie))).toMatch(/^old/);
  }
  const moved = await ask(cookie);
  expect(nameIn(moved)).toMatch(/^old/);
  const next = cookieIn(moved) ?? '';
  expect(next).toMatch(/=a\.old/);
  expect(nameIn(await ask(next))).toBe(nameIn(moved));
});

test('the server sees the other cookies only', async () => {
  await enter(stage.driver, target([10_000, 0]));
  const { cookie } = await clientOf('old');
  for (const [sent, seen] of [
    [cookie, undefined],
    [`a=1; ${cookie}`, 'a=1'],
    [`${cookie}; a=1`, 'a=1'],
    [`x${cookie}; a=1`, `x${cookie}; a=1`],
    [`a=1;${cookie}`, 'a=1'],
    ['mesosphere_server_id=; a=1', 'a=1'],
  ] as const) {
    expect(JSON.parse((await ask(sent)).body).headers.cookie).toBe(seen);
  }
});

test('who stays does not count among the shares, and a cookie that is nobody is replaced', async () => {
  await enter(stage.driver, target([5_000, 5_000]));
  const { cookie } = await clientOf('fresh');
  const apps: string[] = [];
  for (let n = 0; n < 10; n++) {
    await ask(cookie);
    const cookies = n % 2 === 0 ? 'mesosphere_server_id=b.nobody' : '';
    const answer = await ask(cookies);
    expect(cookieIn(answer)).toBeDefined();
    apps.push(JSON.parse(answer.body).app);
  }
  expect(apps.filter((app) => app === 'fresh').length).toBe(5);
});

test('a task that is put on hold is left, although its pool keeps its share', async () => {
  const { driver } = stage;
  await enter(driver, target([5_000, 5_000]));
  const { cookie, task } = await clientOf('fresh');
  const held = target([5_000, 5_000], (each) => each.server !== task);
  expect((await driver.apply(held, deadline())).reloads).toBe(0);
  for (let n = 0; n < 5; n++) {
    const moved = await ask(cookie);
    expect([nameIn(moved) === task, cookieIn(moved) === undefined]).toEqual([false, false]);
  }
});

test('a task that is withdrawn, or dead, is left at once; a listener of one app is not left', async () => {
  const { driver } = stage;
  await enter(driver, target([5_000, 5_000]));
  const { cookie, task } = await clientOf('fresh');
  expect(nameIn(await ask(cookie, direct))).toMatch(/^old/);
  await driver.withdraw(new Set([task as ServerName]), deadline());
  const moved = await ask(cookie);
  expect([nameIn(moved) === task, cookieIn(moved) === undefined]).toEqual([false, false]);
  const other = await clientOf('fresh');
  await fresh.kill();
  const elsewhere = await ask(other.cookie);
  expect([elsewhere.status, JSON.parse(elsewhere.body).app]).toEqual([200, 'old']);
  // It is to come back when its pool does.
  expect(cookieIn(elsewhere)).toBeUndefined();
  const back = target([5_000, 5_000], (each) => each.server !== task);
  await driver.apply(back, deadline());
  expect(await driver.verify(back, deadline())).toEqual({ outcome: 'yes' });
  expect((await driver.apply(back, deadline())).changes).toBe(0);
});
