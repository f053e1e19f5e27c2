/** Single endpoints on hold, and closed, through a real HAProxy: what they finish, and what is counted. */
import http from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { plainRules } from '../../../src/declared/types.ts';
import type { ServerName } from '../../../src/model/ids.ts';
import type { EndpointTarget, ServiceTarget } from '../../../src/plan/target.ts';
import type { Farm } from '../../support/farm.ts';
import { freePorts } from '../../support/free-ports.ts';
import { type Answer, request } from '../../support/load.ts';
import { endpoints, pool, service } from '../../support/targets.ts';
import { until } from '../../support/wait.ts';
import { deadline, enter, openStage, type Stage } from './stage.ts';

let stage: Stage;
let farm: Farm;
let port: number;
let other: number;

beforeEach(async () => {
  stage = await openStage({ hardStopAfterMs: 20_000 });
  farm = await stage.farm('app', 2);
  [port, other] = (await freePorts(2)) as [number, number];
});
afterEach(async () => {
  await stage.dispose();
});

/** The first endpoint in this rotation, the second in; both sticky and by affinity. */
function target(first: EndpointTarget['rotation']): ServiceTarget {
  const list = endpoints('app', farm.ports).map(
    (each, index): EndpointTarget => ({ ...each, rotation: index === 0 ? first : 'in' }),
  );
  return service('/app', port, [pool('/app', 'a', 10_000, list)], {
    rules: { ...plainRules, sticky: true },
    affinity: true,
  });
}

async function sessions(): Promise<readonly (number | undefined)[]> {
  const slot = [...(await stage.driver.observe(deadline())).services.values()][0]?.slots[0];
  const of = (name: string) => slot?.endpoints.get(name as ServerName)?.sessions;
  return [of('app-0'), of('app-1'), slot?.sessions];
}

async function inUse(counts: readonly number[]): Promise<void> {
  await until(`${counts.join()} sessions`, async () => (await sessions()).join() === counts.join());
}

function nameIn(answer: Answer): string {
  return JSON.parse(answer.body).name;
}

/** A client of one task, with all its cookies. */
async function clientOf(name: string): Promise<string> {
  for (let tries = 0; tries < 10; tries++) {
    const answer = await request(port);
    const cookies = answer.headers['set-cookie']?.map((each) => each.split(';')[0]).join('; ');
    if (nameIn(answer) === name && cookies !== undefined) return cookies;
  }
  throw new Error(`nobody was served by ${name}`);
}

/** A request that is not tried again when it breaks; 0 when it does. */
async function long(cookie: string, ms: number): Promise<number> {
  return request(port, { method: 'POST', path: `/?wait=${ms}`, headers: { cookie } }).then(
    (answer) => answer.status,
    () => 0,
  );
}

test('requests in flight on kept connections are counted, idle connections are not', async () => {
  await enter(stage.driver, [target('in')]);
  const agent = new http.Agent({ keepAlive: true });
  const both = Array.from({ length: 2 }, () => request(port, { path: '/?wait=700', agent }));
  await inUse([1, 1, 2]);
  await Promise.all(both);
  await inUse([0, 0, 0]);
  expect((await request(port, { agent })).status).toBe(200);
  expect(await sessions()).toEqual([0, 0, 0]);
  agent.destroy();
});

test('on hold an endpoint finishes what it has and takes nothing new, nor those who stay', async () => {
  const { driver } = stage;
  await enter(driver, [target('in')]);
  const cookie = await clientOf('app-0');
  const slow = request(port, { path: '/?wait=800', headers: { cookie } });
  await inUse([1, 0, 1]);
  expect((await driver.apply([target('hold')], deadline())).reloads).toBe(0);
  const agent = new http.Agent({ keepAlive: true });
  for (let n = 0; n < 20; n++) {
    expect(nameIn(await request(port, { headers: { cookie }, agent }))).toBe('app-1');
  }
  agent.destroy();
  expect(await sessions()).toEqual([1, 0, 1]);
  const finished = await slow;
  expect([finished.status, nameIn(finished)]).toEqual([200, 'app-0']);
  await inUse([0, 0, 0]);
});

test('what is open on an endpoint that is closed is cut, in old workers too, and nothing else is', async () => {
  const { driver } = stage;
  await enter(driver, [target('in')]);
  const [cookie, stays] = [await clientOf('app-0'), await clientOf('app-1')];
  const cut = [long(cookie, 15_000)];
  const kept = [long(stays, 3_000)];
  await inUse([1, 1, 2]);
  const more = service('/more', other, []);
  expect((await driver.apply([target('in'), more], deadline())).reloads).toBe(1);
  cut.push(long(cookie, 15_000));
  kept.push(long(stays, 3_000));
  await inUse([2, 2, 4]);
  const closing = [target('close'), more];
  expect((await driver.apply(closing, deadline())).reloads).toBe(0);
  expect(await Promise.all(cut)).not.toContain(200);
  expect((await sessions())[0]).toBe(0);
  expect(await driver.verify(closing, deadline())).toEqual({ outcome: 'yes' });
  expect(await Promise.all(kept)).toEqual([200, 200]);
  expect((await driver.apply(closing, deadline())).changes).toBe(0);
});
