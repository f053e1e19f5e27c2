/** A shadow beside a HAProxy as marathon-lb runs it: it finds what differs, tells when it is mended, and leaves no trace. */
import { readdir } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { app } from '../support/apps.ts';
import type { BatonProcess } from '../support/baton.ts';
import { baton as command, widthOf } from '../support/command.ts';
import { freePorts } from '../support/free-ports.ts';
import { type OtherServer, otherHaproxy } from '../support/other-haproxy.ts';
import { until } from '../support/wait.ts';
import { setStage, type Stage } from './stage.ts';

const labels = { HAPROXY_GROUP: 'external', HAPROXY_0_MODE: 'http' };

interface Shown {
  readonly of: string;
  readonly trouble: string | null;
  readonly differences: readonly {
    readonly kind: string;
    readonly backend: string;
    readonly server: string;
  }[];
}

async function shown(baton: BatonProcess): Promise<Shown> {
  const answer = await fetch(`${baton.url}/v1/shadow`, { signal: AbortSignal.timeout(20_000) });
  return (await answer.json()) as Shown;
}

async function differing(baton: BatonProcess, expected: readonly string[]): Promise<void> {
  let last: unknown;
  await until(
    `the differences ${expected.join()}`,
    async () => {
      const { trouble, differences } = await shown(baton);
      const words = differences.map(({ kind, backend, server }) => `${kind} ${backend} ${server}`);
      last = { trouble, words };
      return trouble === null && JSON.stringify(words) === JSON.stringify(expected);
    },
    { detail: () => last },
  );
}

/** The servers that marathon-lb would have for an app. */
async function serversOf({ simulator }: Stage, id: string, count: number): Promise<readonly OtherServer[]> {
  return await until(`${count} tasks of ${id} to be healthy`, async () => {
    const answer = await fetch(`${simulator.url}/v2/apps/${id}?embed=app.tasks`);
    const { app } = (await answer.json()) as {
      app: { tasksHealthy: number; tasks: { host: string; ports: number[] }[] };
    };
    if (app.tasksHealthy !== count) return false;
    return app.tasks.map(({ host, ports }) => ({
      name: `${host}_${ports[0]}`.replaceAll('.', '_'),
      address: `${host}:${ports[0]}`,
    }));
  });
}

it('finds exactly what differs, and tells when it is mended', async () => {
  const stage = await setStage();
  await stage.post(app('shop', { ...labels, HAPROXY_0_PORT: '10000' }));
  await stage.post(app('group/web', { ...labels, HAPROXY_0_PORT: '10001' }));
  await stage.post(app('hidden', { ...labels, HAPROXY_GROUP: 'internal', HAPROXY_0_PORT: '10002' }));
  const shop = await serversOf(stage, 'shop', 2);
  const web = await serversOf(stage, 'group/web', 2);
  const equal = { shop_10000: shop, group_web_10001: web };
  const other = await otherHaproxy();
  await other.render(equal);
  const flags = ['--group', 'external', '--shadow', '--shadow-of', other.page, '--shadow-interval', '200ms'];
  const baton = await stage.startBaton({ flags });
  await differing(baton, []);
  await until('a summary', () => baton.log.some(({ msg }) => msg === 'compared with the other HAProxy'));

  await other.render({ shop_10000: shop });
  await differing(baton, ['backend-only-in-baton group_web_10001 null']);
  expect(await baton.metric('baton_shadow_differences', { kind: 'backend-only-in-baton' })).toBe(1);
  expect(await baton.metric('baton_shadow_differences')).toBe(1);

  const [nobody, nobodyElse] = await freePorts(2);
  const extra = { name: '127_0_0_1_1', address: `127.0.0.1:${nobodyElse}` };
  const [first, second] = shop;
  if (first === undefined || second === undefined) throw new Error('two tasks were asked for');
  const dead = { ...second, address: `127.0.0.1:${nobody}` };
  await other.render({ shop_10000: [first, dead], group_web_10001: [...web, extra] });
  const found = [
    'server-only-in-haproxy group_web_10001 127_0_0_1_1',
    `server-health shop_10000 ${second.name}`,
  ];
  await differing(baton, found);

  const answer = await fetch(`${stage.simulator.url}/v2/apps`);
  const linted = await command(['lint', '-'], { input: await answer.text() });
  expect([linted.status, linted.stdout]).toEqual([0, expect.stringContaining('3 apps: 0 errors')]);

  const page = ['run', '--marathon', stage.simulator.url, ...flags, '--once'];
  const once = await command(page);
  expect(once.stderr).toBe('');
  expect(once.stdout).toMatch(/backend shop_10000 \(app shop\)\n {2}server-health: [^]*HAProxy says DOWN/);
  expect(once.stdout).toContain('2 in all.');
  expect(widthOf(once.stdout)).toBeLessThanOrEqual(80);
  expect(once.status).toBe(3);
  const json = await command([...page, '--json', '--shadow-of', `unix:${other.socket}`]);
  const told = JSON.parse(json.stdout) as Shown;
  expect(told.differences.map(({ kind, backend, server }) => `${kind} ${backend} ${server}`)).toEqual(found);

  await other.render(equal);
  await differing(baton, []);
  expect(await baton.metric('baton_shadow_differences')).toBe(0);
  const same = await command(page);
  expect([same.status, same.stdout.trim().split('\n').at(-1)]).toEqual([0, 'Nothing.']);

  const changes = baton.log.filter(({ msg }) => /baton would/.test(String(msg)));
  const kinds = (word: string) =>
    changes.filter(({ msg }) => String(msg).includes(word)).map(({ kind }) => String(kind));
  const all = ['backend-only-in-baton', 'server-health', 'server-only-in-haproxy'];
  expect(kinds('would differ').sort()).toEqual(all);
  expect(kinds('would not differ').sort()).toEqual(all);
  expect(baton.log.filter(({ msg }) => msg === 'traffic moved')).toEqual([]);
  expect(await readdir(stage.stateDir)).toEqual([]);
  expect(await baton.end()).toBe(0);
});

it('names why the statistics cannot be read, goes on, and keeps the password to itself', async () => {
  const stage = await setStage();
  await stage.post(app('shop', { ...labels, HAPROXY_0_PORT: '10000' }));
  const shop = await serversOf(stage, 'shop', 2);
  const other = await otherHaproxy('ops:s3cret');
  const address = other.page.replace('//', '//ops:s3cret@');
  const flags = ['--group', 'external', '--shadow', '--shadow-of', address, '--shadow-interval', '200ms'];
  const baton = await stage.startBaton({ flags });
  await until('trouble', async () => /nobody listens there/.test((await shown(baton)).trouble ?? ''));
  expect(await baton.readiness()).toBe('ready\n');
  await other.render({ shop_10000: shop });
  await differing(baton, []);

  await other.end();
  await until('trouble again', async () => /nobody listens/.test((await shown(baton)).trouble ?? ''));
  expect(await baton.metric('baton_shadow_comparisons_total', { outcome: 'failure' })).toBeGreaterThan(0);
  await other.render({});
  await differing(baton, ['backend-only-in-baton shop_10000 null']);
  expect(baton.text()).not.toContain('s3cret');
  expect(JSON.stringify(await shown(baton))).not.toContain('s3cret');

  for (const [of, why] of [
    [other.page, /asks for a user and a password \(401\)/],
    [address.replace('s3cret', 'wr0ng'), /does not take this user and password \(401\)/],
    [other.page.replace('stats', 'none'), /answers with status 503|answers with status 404/],
    [stage.simulator.url.replace(/\/?$/, '/v2/info?x'), /not the CSV of its statistics/],
    ['unix:/nowhere/s', /there is no such socket/],
  ] as const) {
    const argv = ['--marathon', stage.simulator.url, '--group', 'external', '--shadow', '--once'];
    const { status, stderr } = await command(['run', ...argv, '--shadow-of', of]);
    expect([status, stderr]).toEqual([1, expect.stringMatching(why)]);
    expect(stderr).not.toContain('wr0ng');
  }
});
