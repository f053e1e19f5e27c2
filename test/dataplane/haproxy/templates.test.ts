/** HAProxy's own words from labels, through a real HAProxy: in their app's backends, or refused with its words. */
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Applied } from '../../../src/dataplane/driver.ts';
import { findBinary } from '../../../src/dataplane/haproxy/binary.ts';
import { withoutNotes } from '../../../src/dataplane/haproxy/notes.ts';
import { layoutIn } from '../../../src/dataplane/haproxy/layout.ts';
import { createTemplateChecks } from '../../../src/dataplane/haproxy/template-checks.ts';
import type { PoolTemplate } from '../../../src/declared/types.ts';
import type { ServiceTarget } from '../../../src/plan/target.ts';
import { stopDetached } from '../../../src/dataplane/haproxy/stop.ts';
import type { Farm } from '../../support/farm.ts';
import { freePorts } from '../../support/free-ports.ts';
import { type Answer, request } from '../../support/load.ts';
import { endpoints, pool, service } from '../../support/targets.ts';
import { deadline, enter, openStage, type Stage } from './stage.ts';

let stage: Stage;
let one: Farm;
let two: Farm;
let ports: readonly number[];

beforeEach(async () => {
  stage = await openStage();
  [one, two] = await Promise.all([stage.farm('one', 1), stage.farm('two', 1)]);
  ports = await freePorts(2);
});
afterEach(async () => {
  await stage.dispose();
});

function template(name: string, ...lines: readonly string[]): PoolTemplate {
  return { label: `HAPROXY_0_${name}`, value: lines.join('\n'), lines };
}

/** Two services of one app each; the first has the templates. */
function target(...templates: readonly PoolTemplate[]): readonly ServiceTarget[] {
  const [first = 0, second = 0] = ports;
  return [
    service('/one', first, [pool('/one', 'a', 10_000, endpoints('one', one.ports), { templates })]),
    service('/two', second, [pool('/two', 'a', 10_000, endpoints('two', two.ports))]),
  ];
}

async function ask(index: number): Promise<Answer> {
  return request(ports[index] ?? 0);
}

function told({ diagnostics }: Applied): readonly string[] {
  return diagnostics.map(({ code, app, label, problem }) => `${code} ${app} ${label} ${problem}`);
}

const marked = template('BACKEND_HTTP_OPTIONS', 'http-response set-header X-Marked yes');

test('what HAProxy takes is in the backends of that app, by one reload, and nowhere else', async () => {
  await enter(stage.driver, target());
  const applied = await stage.driver.apply(target(marked), deadline());
  expect([applied.reloads, told(applied)]).toEqual([1, []]);
  expect([(await ask(0)).headers['x-marked'], (await ask(1)).headers['x-marked']]).toEqual([
    'yes',
    undefined,
  ]);
  expect(await stage.driver.apply(target(marked), deadline())).toMatchObject({ reloads: 0, changes: 0 });
  expect(await stage.driver.verify(target(marked), deadline())).toEqual({ outcome: 'yes' });
  // The next Baton knows of them.
  await stage.driver.stop(deadline());
  const { driver } = stage.another();
  await driver.start(deadline());
  expect((await driver.apply(target(marked), deadline())).reloads).toBe(0);
  // The idle slots have it, too: the next version with the same words needs no reload.
  const text = withoutNotes(await readFile(join(stage.dir, 'haproxy/services/one.cfg'), 'utf8'));
  expect(text.match(/X-Marked/g)).toHaveLength(4);
});

test('what it does not take is told with its words, and the app is served without, by what is good', async () => {
  const bad = template('BACKEND_HEAD', 'timeout serwer 1m');
  await enter(stage.driver, target(bad, marked));
  const applied = await stage.driver.apply(target(bad, marked), deadline());
  expect(told(applied)).toHaveLength(1);
  expect(told(applied)[0]).toMatch(
    /^template-rejected \/one HAPROXY_0_BACKEND_HEAD HAProxy does not take .* It says: '?timeout[^:]*serwer/,
  );
  expect(applied.diagnostics[0]?.value).toBe('timeout serwer 1m');
  expect([(await ask(0)).status, (await ask(0)).headers['x-marked']]).toEqual([200, 'yes']);
  // Tried once: the same words again are the same diagnostic, and no reload.
  const again = await stage.driver.apply(target(bad, marked), deadline());
  expect([again.reloads, again.diagnostics]).toEqual([0, applied.diagnostics]);
  const left = await readdir(join(stage.dir, 'haproxy'));
  expect(left.filter((file) => file.includes('check'))).toEqual([]);
});

test('one template may rest on another of its app', async () => {
  const head = template('BACKEND_HEAD', 'acl mine path_beg /mine');
  const options = template('BACKEND_HTTP_OPTIONS', 'http-request return status 202 if mine');
  await enter(stage.driver, target(head, options));
  expect((await request(ports[0] ?? 0, { path: '/mine' })).status).toBe(202);
  expect((await ask(0)).status).toBe(200);
  // Also when one between them is bad.
  const bad = template('BACKEND_HSTS_OPTIONS', 'timeout serwer 1m');
  const applied = await stage.driver.apply(target(head, bad, options), deadline());
  expect([applied.reloads, applied.diagnostics.map(({ label }) => label)]).toEqual([
    0,
    ['HAPROXY_0_BACKEND_HSTS_OPTIONS'],
  ]);
  expect((await request(ports[0] ?? 0, { path: '/mine' })).status).toBe(202);
});

test('what only a whole configuration shows to be bad is left out at the next turn', async () => {
  // A HAProxy that takes the words alone, and refuses every configuration that they stand in.
  const real = await findBinary(null);
  const picky = join(stage.dir, 'picky');
  await writeFile(
    picky,
    `#!/bin/sh
case "$*" in *services/*) grep -qs X-Marked services/*.cfg && { echo "[ALERT] (1) : config : not beside the others" >&2; exit 1; } ;; esac
exec ${real} "$@"
`,
  );
  await chmod(picky, 0o755);
  await stage.driver.stop(deadline());
  const { driver } = stage.another({ binary: picky });
  await driver.start(deadline());
  await enter(driver, target());
  const refused = await driver.apply(target(marked), deadline());
  expect(refused.diagnostics.map(({ code }) => code)).toEqual(['config-rejected']);
  const settled = await driver.apply(target(marked), deadline());
  expect(settled.diagnostics.map(({ code, label }) => `${code} ${label}`)).toEqual([
    'template-rejected HAPROXY_0_BACKEND_HTTP_OPTIONS',
  ]);
  expect(settled.diagnostics[0]?.problem).toContain('not beside the others');
  expect([(await ask(0)).status, (await ask(1)).status]).toEqual([200, 200]);
});

test('a HAProxy that no longer takes them starts without them', async () => {
  await enter(stage.driver, target(marked));
  await stage.driver.stop(deadline());
  await stopDetached(stage.dir, deadline());
  const file = join(stage.dir, 'haproxy/services/one.cfg');
  await writeFile(file, (await readFile(file, 'utf8')).replaceAll('set-header', 'set-haeder'));
  const { driver } = stage.another();
  await driver.start(deadline());
  expect([(await ask(0)).status, (await ask(1)).status]).toEqual([200, 200]);
  await driver.apply(target(marked), deadline());
  expect((await ask(0)).headers['x-marked']).toBe('yes');
});

test('among a thousand texts the bad ones are found by few trials, each with its own words', async () => {
  const layout = layoutIn(stage.dir);
  const counted = join(stage.dir, 'counted');
  const log = join(stage.dir, 'trials');
  await writeFile(counted, `#!/bin/sh\necho >> ${log}\nexec ${await findBinary(null)} "$@"\n`, {
    mode: 0o755,
  });
  const checks = createTemplateChecks(() => ({ binary: counted, layout }));
  const all = Array.from({ length: 1_000 }, (_, n) =>
    template('BACKEND_HEAD', n % 10 === 3 ? `timeout t${n} 1s` : `http-request set-header X-N ${n}`),
  );
  // Complained of only when the whole is there: no line is named, but the backend.
  const late = template('BACKEND_HEAD', 'http-request deny if { nosuchfetch }');
  const pools = [...all, late].map((each, n) => pool(`/app${n}`, 'a', 0, [], { templates: [each] }));
  await checks.look([service('/all', 1, pools)], deadline(60_000));
  for (const [n, each] of all.entries()) {
    const { lines, refused } = checks.judge([each]);
    expect([lines, refused.map(({ why }) => /t\d+/.exec(why)?.[0])]).toEqual(
      n % 10 === 3 ? [[], [`t${n}`]] : [each.lines, []],
    );
  }
  expect(checks.judge([late]).refused[0]?.why).toContain('nosuchfetch');
  expect((await readFile(log, 'utf8')).length).toBeLessThan(20);
});
