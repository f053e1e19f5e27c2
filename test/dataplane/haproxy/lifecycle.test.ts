/** HAProxy's life: death, adoption by the next Baton, ports that cannot be had, and stopping. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { stopDetached } from '../../../src/dataplane/haproxy/stop.ts';
import type { Balance } from '../../../src/declared/types.ts';
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

async function workerOf(master: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=', '--ppid', String(master)]);
  return Number(stdout.trim().split('\n')[0]);
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
  expect(Math.abs((apps['a'] ?? 0) - 75)).toBeLessThanOrEqual(2);
  expect(await stage.masterPid()).not.toBe(pid);
});

test('a worker that is killed is replaced too', async () => {
  stage = await openStage();
  const { driver, notices } = stage;
  const [a, b] = await Promise.all([stage.farm('a', 1), stage.farm('b', 1)]);
  const [port] = (await freePorts(1)) as [number];
  const target = [split(port, a, b)];
  await enter(driver, target);
  process.kill(await workerOf(await stage.masterPid()), 'SIGKILL');
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

test('a Baton killed right after its commands, before it wrote files, leaves nothing that the next one takes for strange', async () => {
  stage = await openStage();
  const [a, b] = await Promise.all([stage.farm('a', 1), stage.farm('b', 1)]);
  const [port] = (await freePorts(1)) as [number];
  await enter(stage.driver, [service('/app', port, [pool('/a', 'a', 10_000, endpoints('a', a.ports))])]);
  const files = join(stage.dir, 'haproxy', 'services');
  const worker = await workerOf(await stage.masterPid());
  const target = [split(port, a, b)];
  process.kill(worker, 'SIGSTOP');
  const applied = stage.driver.apply(target, deadline());
  try {
    await until('the newcomer to be on disk while HAProxy does not know it', async () =>
      (await readFile(join(files, 'app.cfg'), 'utf8')).includes('"app":"/b"'),
    );
    await cp(files, join(stage.dir, 'killed'), { recursive: true });
  } finally {
    process.kill(worker, 'SIGCONT');
    await applied;
  }
  await stage.driver.stop(deadline());
  await cp(join(stage.dir, 'killed'), files, { recursive: true });
  const next = stage.another();
  await next.driver.start(deadline());
  const slots = [...(await next.driver.observe(deadline())).services.values()][0]?.slots;
  expect(slots?.map(({ app, weight }) => [app, weight])).toEqual([
    ['/a', 7_500],
    ['/b', 2_500],
    [null, 0],
    [null, 0],
  ]);
  expect(await next.driver.apply(target, deadline())).toMatchObject({ reloads: 0, changes: 0 });
});

test('a Baton that is stopped between the files and the reload leaves the reload to the next one', async () => {
  stage = await openStage();
  const a = await stage.farm('a', 1);
  const [port] = (await freePorts(1)) as [number];
  const target = (balance: Balance): ServiceTarget =>
    service('/app', port, [pool('/a', 'a', 10_000, endpoints('a', a.ports), { balance })]);
  await enter(stage.driver, [target('roundrobin')]);
  const stopping = new AbortController();
  const applied = stage.driver.apply([target('leastconn')], stopping.signal);
  const ended = applied.then(
    () => 'done',
    () => 'given up',
  );
  const file = join(stage.dir, 'haproxy', 'services', 'app.cfg');
  await until('files', async () => (await readFile(file, 'utf8')).includes('leastconn'), { everyMs: 1 });
  stopping.abort();
  expect(await ended).toBe('given up');
  await stage.driver.stop(deadline());
  const next = stage.another();
  await next.driver.start(deadline());
  expect((await next.driver.apply([target('leastconn')], deadline())).reloads).toBe(1);
  expect((await next.driver.apply([target('leastconn')], deadline())).reloads).toBe(0);
  expect((await request(port)).status).toBe(200);
});

test('a HAProxy that hangs as a whole is replaced as a whole: no worker is left that shares the port', async () => {
  stage = await openStage();
  const a = await stage.farm('a', 1);
  const [port] = (await freePorts(1)) as [number];
  await enter(stage.driver, [service('/app', port, [pool('/a', 'a', 10_000, endpoints('a', a.ports))])]);
  await stage.driver.stop(deadline());
  const master = await stage.masterPid();
  const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=', '--ppid', String(master)]);
  const hung = [master, ...stdout.trim().split('\n').map(Number)];
  for (const pid of hung) process.kill(pid, 'SIGSTOP');
  onTestFinished(() => {
    for (const pid of hung.filter(isRunning)) process.kill(pid, 'SIGKILL');
  });
  const next = stage.another();
  await next.driver.start(deadline(40_000));
  expect(next.notices.map((notice) => notice.kind)).toEqual(['started']);
  await until('the hung ones to be gone', () => !hung.some(isRunning));
  expect((await pipeline(port, 100)).failures).toEqual([]);
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
  expect(await driver.verify(target, deadline())).toEqual({ outcome: 'yes' });
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

test('notes that are cut off are as if the service had never been', async () => {
  stage = await openStage();
  const a = await stage.farm('a', 1);
  const [port] = (await freePorts(1)) as [number];
  const target = [service('/app', port, [pool('/a', 'a', 10_000, endpoints('a', a.ports))])];
  await enter(stage.driver, target);
  await stage.driver.stop(deadline());
  await stopDetached(stage.dir, deadline());
  const file = join(stage.dir, 'haproxy', 'services', 'app.cfg');
  await writeFile(file, (await readFile(file, 'utf8')).slice(0, -200));
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
