/** Configurations that HAProxy refuses: who is to blame is kept aside and named, and the others proceed. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findBinary } from '../../../src/dataplane/haproxy/binary.ts';
import type { PoolTemplate } from '../../../src/declared/types.ts';
import type { ServiceTarget } from '../../../src/plan/target.ts';
import { freePorts } from '../../support/free-ports.ts';
import { request } from '../../support/load.ts';
import { endpoints, pool, service } from '../../support/targets.ts';
import { until } from '../../support/wait.ts';
import { deadline, openStage, type Stage } from './stage.ts';

let home: string;
let stage: Stage;
let bad: number;
let good: number;
let served: readonly number[];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'b-'));
  [bad, good] = (await freePorts(2)) as [number, number];
});
afterEach(async () => {
  await stage.dispose();
  await rm(home, { recursive: true });
});

/** HAProxy, which does this first where it is to check a configuration; its files are in `$*`. */
async function open(check: string): Promise<void> {
  const binary = join(home, 'haproxy');
  const script = `#!/bin/sh\ncase " $* " in *" -c "*) ${check};; esac\nexec ${await findBinary(null)} "$@"\n`;
  await writeFile(binary, script, { mode: 0o755 });
  stage = await openStage({ binary });
  served = (await stage.farm('a', 1)).ports;
}

/** What is tried in a configuration of its own passes there, whatever it is. */
const trialsPass = 'case "$*" in *.check*) exit 0;; esac';

function named(name: string, port: number, templates: readonly PoolTemplate[] = []): ServiceTarget {
  return service(`/${name}`, port, [pool('/a', 'a', 10_000, endpoints(name, served), { templates })]);
}

async function files(): Promise<readonly string[]> {
  return (await readdir(join(stage.dir, 'haproxy', 'services'))).sort();
}

test('a service that is refused is kept aside and named, and the other services proceed', async () => {
  // Refuses whatever speaks of the service "bad", as HAProxy would if a bug let something through.
  await open('if grep -qsr --include="*.cfg" "^backend bad:" -- "$@"; then echo refused >&2; exit 1; fi');
  const { driver } = stage;
  const target = [named('bad', bad), named('good', good)];
  // The very first configuration is loaded without being asked about, where nobody is served yet.
  await driver.apply(target.slice(1), deadline());
  const { diagnostics } = await driver.apply(target, deadline());
  expect(diagnostics.map(({ code, app }) => [code, app])).toEqual([['config-rejected', '/bad']]);
  await until('the good one serves', async () => (await request(good)).status === 200);
  expect(await files()).toEqual(['bad.cfg.rejected', 'good.cfg']);
  const again = await driver.apply(target, deadline());
  expect([again.reloads, again.diagnostics.length]).toEqual([0, 1]);
});

test('the very first configuration, when HAProxy does not load it, is checked and loaded without who is to blame', async () => {
  const checked = join(home, 'checked');
  await open(`case "$*" in *services/*) echo "$*" >> ${checked};; esac; ${trialsPass}`);
  const { driver, notices } = stage;
  const spoilt: PoolTemplate = {
    label: 'HAPROXY_0_BACKEND_HEAD',
    value: 'http-request deny if { nosuchfetch }',
    lines: ['http-request deny if { nosuchfetch }'],
  };
  const target = [named('bad', bad, [spoilt]), named('good', good)];
  const first = await driver.apply(target, deadline());
  expect(first.diagnostics.map(({ code, app }) => [code, app])).toEqual([['config-rejected', '/bad']]);
  expect(first.diagnostics[0]?.value).toContain('unknown fetch method');
  expect(notices.map(({ kind }) => kind)).toEqual(['started', 'reloaded']);
  expect(await readFile(checked, 'utf8')).toContain('-f services/bad.cfg');
  await until('the good one serves', async () => (await request(good)).status === 200);
  expect(await files()).toEqual(['bad.cfg.rejected', 'good.cfg']);
  // What spoilt it is known now: without, the other is served too.
  const second = await driver.apply(target, deadline());
  expect(second.diagnostics.map(({ code, app }) => [code, app])).toEqual([['template-rejected', '/a']]);
  await until('the bad one serves', async () => (await request(bad)).status === 200);
});

test('the very first configuration is not checked when HAProxy loads it', async () => {
  const checked = join(home, 'checked');
  await open(`case "$*" in *services/*) echo "$*" >> ${checked};; esac`);
  const target = [named('good', good)];
  expect((await stage.driver.apply(target, deadline())).reloads).toBe(1);
  expect(await readdir(home)).not.toContain('checked');
  await until('it serves', async () => (await request(good)).status === 200);
});

test('no service is blamed for what all of them share', async () => {
  await open(trialsPass);
  const { driver, notices } = stage;
  const kept = named('good', good);
  await driver.apply([kept], deadline());
  const other = named('bad', bad);
  // Conditions stand in the frontends, and those in the one file of all services.
  const spoilt: ServiceTarget = {
    ...other,
    conditions: [{ slot: null, condition: { kind: 'raw', acl: 'nosuchfetch' }, strength: 100 }],
  };
  await expect(driver.apply([kept, spoilt], deadline())).rejects.toMatchObject({
    code: 'data-plane-reload-failed',
    message: expect.stringContaining('nosuchfetch'),
  });
  expect(notices.map(({ kind }) => kind)).toContain('reload-failed');
  expect(await files()).toEqual(['good.cfg']);
  expect((await request(good)).status).toBe(200);
  const { diagnostics, reloads } = await driver.apply([kept, other], deadline());
  expect([diagnostics, reloads]).toEqual([[], 1]);
  await until('it serves', async () => (await request(bad)).status === 200);
});
