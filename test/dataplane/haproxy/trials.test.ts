/** Words that HAProxy could not be asked about are asked about again; what it said itself holds. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Condition } from '../../../src/declared/vamp/condition.ts';
import type { PoolTemplate } from '../../../src/declared/types.ts';
import { createAclChecks } from '../../../src/dataplane/haproxy/acl-checks.ts';
import { findBinary, validate } from '../../../src/dataplane/haproxy/binary.ts';
import { type Layout, layoutIn } from '../../../src/dataplane/haproxy/layout.ts';
import { createTemplateChecks } from '../../../src/dataplane/haproxy/template-checks.ts';
import { pool, service } from '../../support/targets.ts';
import { deadline } from './stage.ts';

let dir: string;
let layout: Layout;
let real: string;
let now = 0;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'b-'));
  layout = { ...layoutIn(dir), dir };
  real = await findBinary(null);
  now = 0;
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** A HAProxy that does this as long as the file `bad` is there. */
async function moody(does: string): Promise<string> {
  const path = join(dir, 'moody');
  await writeFile(path, `#!/bin/sh\n[ -e ${dir}/bad ] && { ${does}; }\nexec ${real} "$@"\n`, { mode: 0o755 });
  await writeFile(join(dir, 'bad'), '');
  return path;
}

const good: PoolTemplate = {
  label: 'HAPROXY_0_BACKEND_HEAD',
  value: 'retries 2',
  lines: ['retries 2'],
};
const bad: PoolTemplate = { ...good, value: 'retriez 2', lines: ['retriez 2'] };
const withTemplates = (...templates: readonly PoolTemplate[]) => [
  service('/one', 1, [pool('/one', 'a', 10_000, [], { templates })]),
];

test('templates: a HAProxy that was killed amid a trial is asked again, later and later', async () => {
  const binary = await moody('kill -9 $$');
  const checks = createTemplateChecks(
    () => ({ binary, layout }),
    () => now,
  );
  const looked = async (at: number) => {
    now = at;
    await checks.look(withTemplates(good, bad), deadline());
    return checks.judge([good, bad]);
  };
  const killed = await looked(0);
  expect(killed.lines).toEqual([]);
  expect(killed.refused.map(({ why }) => why)).toEqual(
    Array(2).fill('HAProxy could not be run to check a configuration'),
  );
  await looked(1_000);
  await rm(join(dir, 'bad'));
  // Twice without an answer: the next trial is two seconds away.
  expect((await looked(2_999)).lines).toEqual([]);
  const asked = await looked(3_000);
  expect([asked.lines, asked.refused.map(({ why }) => why)]).toEqual([
    good.lines,
    [expect.stringContaining("unknown keyword 'retriez'")],
  ]);
  // That is its word: it is not asked again.
  await moody('kill -9 $$');
  expect(await looked(10_000_000)).toEqual(asked);
});

test('templates: nothing that runs is no verdict', async () => {
  let place: { binary: string; layout: Layout } | null = null;
  const checks = createTemplateChecks(
    () => place,
    () => now,
  );
  await checks.look(withTemplates(good), deadline());
  expect(checks.judge([good]).refused.map(({ why }) => why)).toEqual(['HAProxy does not run']);
  place = { binary: real, layout };
  now = 1_000;
  await checks.look(withTemplates(good), deadline());
  expect(checks.judge([good])).toEqual({ lines: good.lines, refused: [] });
});

test('conditions in its own words: the same', async () => {
  const binary = await moody('kill -9 $$');
  const checks = createAclChecks(
    () => ({ binary, layout }),
    () => now,
  );
  const acls = ['path_beg /a', 'nonsense 1', 'src -f /etc/passwd'];
  const conditions = acls.map((acl) => ({
    slot: null,
    condition: { kind: 'raw', acl } satisfies Condition,
    strength: 100,
  }));
  const looked = async (at: number) => {
    now = at;
    await checks.look([{ ...service('/one', 1, []), conditions }], deadline());
    return acls.map((acl) => checks.takes(acl));
  };
  expect(await looked(0)).toEqual([false, false, false]);
  await rm(join(dir, 'bad'));
  expect(await looked(1_000)).toEqual([true, false, false]);
});

test('a configuration that is refused once and taken when asked why is taken', async () => {
  const binary = await moody(`rm ${dir}/bad; exit 1`);
  await writeFile(
    join(dir, 'good.cfg'),
    'frontend f\n  mode http\n  timeout client 1s\n  bind 127.0.0.1:1\n',
  );
  expect(await validate(binary, dir, ['good.cfg'], deadline())).toBeNull();
});
