/** HAProxy's life: death, adoption by the next Baton, ports that cannot be had, and stopping. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { stopDetached } from '../../../src/dataplane/haproxy/stop.ts';
import type { ServiceTarget } from '../../../src/plan/target.ts';
import type { Farm } from '../../support/farm.ts';
import { freePorts } from '../../support/free-ports.ts';
import { pipeline, request, startLoad } from '../../support/load.ts';
import { endpoints, pool, service } from '../../support/targets.ts';
import { until } from '../../support/wait.ts';
import { deadline, enter, openStage, type Stage } from './stage.ts';

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.dispose();
  stage = undefined;
});

function split(port: number, a: Farm, b: Farm): ServiceTarget {
  return service('/app', port, [
    pool('/a', 'a', 7_500, endpoints('a', a.ports)),
    pool('/b', 'b', 2_500, endpoints('b', b.ports)),
  ]);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('HAProxy that is killed comes back with the same state', async () => {
  stage = await openStage();
  const { driver, notices } = stage;
  const [a, b] = await Promise.all([stage.farm('a', 2), stage.farm('b', 1)]);
  const [port] = (await freePorts(1)) as [number];
  const target = [split(port, a, b)];
  await enter(driver, target);
  const pid = await stage.masterPid();
  process.kill(pid, 'SIGKILL');
  await until('it is back', () => notices.filter((notice) => notice.kind === 'started').length === 2);
  expect(notices.map((notice) => notice.kind)).toContain('died');
  await until('it answers', async () => (await request(port)).status === 200);
  await until('it verifies', async () => (await driver.verify(target, deadline())).outcome === 'yes');
  const { apps } = await pipeline(port, 100);
  expect(Math.abs((apps['a'] ?? 0) - 75)).toBeLessThanOrEqual(1);
  expect(await stage.masterPid()).not.toBe(pid);
});

test('a worker that is killed is replaced too', async () => {
  stage = await openStage();
  const { driver, notices } = stage;
  const [a, b] = await Promise.all([stage.farm('a', 1), stage.farm('b', 1)]);
  const [port] = (await freePorts(1)) as [number];
  const target = [split(port, a, b)];
  await enter(driver, target);
  const { stdout } = await promisify(execFile)('ps', [
    '-o',
    'pid=',
    '--ppid',
    String(await stage.masterPid()),
  ]);
  process.kill(Number(stdout.trim().split('\n')[0]), 'SIGKILL');
  await until('it is back', () => notices.filter((notice) => notice.kind === 'started').length === 2);
  await until('it verifies', async () => (await driver.verify(target, deadline())).outcome === 'yes');
  expect((await pipeline(port, 100)).failures).toEqual([]);
});

test('the next Baton adopts a detached HAProxy: no reload, no change, same state, and notices its death', async () => {
  stage = await openStage();
  const [a, b] = await Promise.all([stage.farm('a', 2), stage.farm('b', 1)]);
  const [port] = (await freePorts(1)) as [number];
  const target = [split(port, a, b)];
  await enter(stage.driver, target);
  const pid = await stage.masterPid();
  await stage.driver.stop(deadline());
  expect((await request(port)).status).toBe(200);
  const next = stage.another();
  await next.driver.start(deadline());
  expect(next.notices).toEqual([{ kind: 'adopted', pid }]);
  expect(await next.driver.verify(target, deadline())).toEqual({ outcome: 'yes' });
  const { reloads, changes } = await next.driver.apply(target, deadline());
  expect({ reloads, changes }).toEqual({ reloads: 0, changes: 0 });
  const slots = [...(await next.driver.observe(deadline())).services.values()][0]?.slots;
  expect(slots?.map((slot) => slot.app)).toEqual(['/a', '/b', null, null]);
  process.kill(pid, 'SIGKILL');
  await until('it is back', () => next.notices.some((notice) => notice.kind === 'started'));
  await until('it verifies', async () => (await next.driver.verify(target, deadline())).outcome === 'yes');
});

test('after a crash of both, traffic goes on from the files before anything is applied', async () => {
  stage = await openStage();
  const [a, b] = await Promise.all([stage.farm('a', 1), stage.farm('b', 1)]);
  const [port] = (await freePorts(1)) as [number];
  await enter(stage.driver, [split(port, a, b)]);
  await stage.driver.stop(deadline());
  const pid = await stage.masterPid();
  process.kill(pid, 'SIGKILL');
  await until('it is gone', () => !isRunning(pid));
  const next = stage.another();
  await next.driver.start(deadline());
  expect((await pipeline(port, 100)).apps).toEqual({ a: 75, b: 25 });
});

test('a taken port is a diagnostic, the other services proceed, and it is had once it is free', async () => {
  stage = await openStage({ portRetryMs: 200 });
  const { driver } = stage;
  const a = await stage.farm('a', 1);
  const squatter = createServer();
  squatter.listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  const taken = (squatter.address() as { port: number }).port;
  const [port] = (await freePorts(1)) as [number];
  const target = [
    service('/taken', taken, [pool('/a', 'a', 10_000, endpoints('t', a.ports))]),
    service('/good', port, [pool('/a', 'a', 10_000, endpoints('a', a.ports))]),
  ];
  await enter(driver, target);
  const { diagnostics, reloads } = await driver.apply(target, deadline());
  expect(diagnostics.map(({ code, app, value }) => [code, app, value])).toEqual([
    ['port-taken', '/taken', `127.0.0.1:${taken}`],
  ]);
  expect(reloads).toBe(0);
  expect((await request(port)).status).toBe(200);
  expect((await driver.verify(target, deadline())).outcome).toBe('no');
  squatter.close();
  await once(squatter, 'close');
  await until(
    'the port is had',
    async () => (await driver.apply(target, deadline())).diagnostics.length === 0,
    {
      everyMs: 100,
    },
  );
  expect((await request(taken)).status).toBe(200);
});

test('a port that is taken while HAProxy was away does not keep the others from coming back', async () => {
  stage = await openStage();
  const a = await stage.farm('a', 1);
  const [one, two] = (await freePorts(2)) as [number, number];
  const target = [
    service('/one', one, [pool('/a', 'a', 10_000, endpoints('one', a.ports))]),
    service('/two', two, [pool('/a', 'a', 10_000, endpoints('two', a.ports))]),
  ];
  await enter(stage.driver, target);
  await stage.driver.stop(deadline());
  expect(await stopDetached(stage.dir, deadline())).toBe(true);
  expect(await stopDetached(stage.dir, deadline())).toBe(false);
  const squatter = createServer();
  squatter.listen(one, '127.0.0.1');
  await once(squatter, 'listening');
  const next = stage.another();
  await next.driver.start(deadline());
  expect((await request(two)).status).toBe(200);
  const { diagnostics } = await next.driver.apply(target, deadline());
  expect(diagnostics.map(({ code, app }) => [code, app])).toEqual([['port-taken', '/one']]);
  squatter.close();
  await once(squatter, 'close');
});

test('a bound HAProxy finishes what it has and ends with its driver', async () => {
  stage = await openStage({ mode: 'bound', hardStopAfterMs: 5_000 });
  const a = await stage.farm('a', 1);
  const [port] = (await freePorts(1)) as [number];
  await enter(stage.driver, [service('/app', port, [pool('/a', 'a', 10_000, endpoints('a', a.ports))])]);
  const pid = await stage.masterPid();
  const slow = request(port, { path: '/?wait=600' });
  await until('it is busy', async () => {
    const slot = [...((await stage?.driver.observe(deadline()))?.services.values() ?? [])][0]?.slots[0];
    return slot?.sessions === 1;
  });
  await stage.driver.stop(deadline());
  expect((await slow).status).toBe(200);
  expect(isRunning(pid)).toBe(false);
  expect(await readdir(stage.dir)).not.toContain('haproxy.pid');
});

test('a sidecar that cannot be read is as if the service had never been', async () => {
  stage = await openStage();
  const a = await stage.farm('a', 1);
  const [port] = (await freePorts(1)) as [number];
  const target = [service('/app', port, [pool('/a', 'a', 10_000, endpoints('a', a.ports))])];
  await enter(stage.driver, target);
  await stage.driver.stop(deadline());
  await stopDetached(stage.dir, deadline());
  const sidecar = join(stage.dir, 'haproxy', 'services', 'app.json');
  await writeFile(sidecar, (await readFile(sidecar, 'utf8')).slice(0, 40));
  const next = stage.another();
  await next.driver.start(deadline());
  await enter(next.driver, target);
  expect((await request(port)).status).toBe(200);
});

test('a detached HAProxy outlives a Baton that is killed, with not a request lost', async () => {
  stage = await openStage();
  const a = await stage.farm('a', 2);
  const [port] = (await freePorts(1)) as [number];
  const target = [service('/app', port, [pool('/a', 'a', 10_000, endpoints('a', a.ports))])];
  await stage.driver.stop(deadline());
  await stopDetached(stage.dir, deadline());
  const script = fileURLToPath(new URL('./driver-child.ts', import.meta.url));
  const child = spawn(process.execPath, [script, stage.dir, JSON.stringify(target)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  await until('it serves', async () => (await request(port)).status === 200);
  const load = startLoad(port, { kept: 2, fresh: 2 });
  await until('traffic flows', () => load.count() > 100);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const next = stage.another();
  await next.driver.start(deadline());
  await next.driver.apply(target, deadline());
  const before = load.count();
  await until('traffic flows on', () => load.count() > before + 100);
  expect((await load.stop()).failures).toEqual([]);
  expect(next.notices.map((notice) => notice.kind)).toEqual(['adopted']);
});
