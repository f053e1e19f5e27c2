/** Conditions and rewrites of gateways, and weights that move little by little, end to end through real HAProxy. */
import { once } from 'node:events';
import http from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { app } from '../support/apps.ts';
import { baton } from '../support/command.ts';
import { freePort } from '../support/free-ports.ts';
import { request } from '../support/load.ts';
import { until } from '../support/wait.ts';
import { keptOpen, setStage } from './stage.ts';

const chrome = { 'user-agent': 'Mozilla/5.0 (X11) AppleWebKit/537.36 Chrome/120.0 Safari/537.36' };
const safari = { 'user-agent': 'Mozilla/5.0 (Macintosh) AppleWebKit/605.1 Version/17.0 Safari/605.1' };

type Headers = Readonly<Record<string, string>>;

async function set(...more: readonly string[]) {
  const port = await freePort();
  const stage = await setStage({ flags: ['--map-port', `8080=${port}`, ...keptOpen, ...more] });
  const { url } = await stage.startBaton();
  const directory = await mkdtemp(join(tmpdir(), 'b-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  await stage.post(app('old', {}));
  await stage.post(app('new', {}));
  const path = join(directory, 'gateway.yaml');
  const applyText = async (text: string, ...flags: readonly string[]) => {
    await writeFile(path, text);
    return baton(['apply', '-f', path, ...flags], { env: { BATON_URL: url } });
  };
  const apply = async (weights: readonly [number, number], more: string, ...flags: readonly string[]) => {
    const [a, b] = weights;
    const text = `name: shop\nport: 8080/http\nroutes:\n  /old:\n    weight: ${a}%\n  /new:\n    weight: ${b}%\n${more}`;
    return applyText(text, ...flags);
  };
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const answers = async (headers: Headers, count: number) => {
    const apps: Record<string, number> = {};
    for (let n = 0; n < count; n += 1) {
      const { app: name } = JSON.parse((await request(port, { headers, agent })).body) as { app: string };
      apps[name] = (apps[name] ?? 0) + 1;
    }
    return apps;
  };
  /** Waits until this is seen; else says what was seen last, and what stood in the way by Baton's own word. */
  const toSee = async (what: string, wanted: string, see: () => Promise<string | undefined>) => {
    let last: unknown;
    const isSeen = async () => {
      const seen = await see().catch(String);
      if (seen === wanted) return true;
      last = { wanted, seen, diagnostics: await stage.baton().diagnostics() };
      return false;
    };
    await until(what, isSeen, { deadlineMs: 30_000, everyMs: 50, detail: () => last });
  };
  return { port, stage, applyText, apply, answers, toSee };
}

test('requests that meet a condition reach its route, all others go by the weights', async () => {
  const { stage, apply, answers, toSee } = await set();
  await until('the gateway to be taken', async () => (await apply([100, 0], '')).status === 0);
  await stage.carried({ old: 100 }, '/gateway/shop');
  const cases: readonly (readonly [string, readonly Headers[], readonly Headers[]])[] = [
    ['User-Agent = Chrome', [chrome], [safari, {}]],
    ['header X-Version has 1.1', [{ 'x-version': '1.1' }], [{ 'x-version': '1.0' }, {}]],
    ['cookie beta has yes', [{ cookie: 'a=b; beta=yes' }], [{ cookie: 'beta=no' }, {}]],
    ['host == beta.example.com', [{ host: 'beta.example.com' }], [{ host: 'example.com' }]],
    [
      '(has header X-A or has cookie b) and not header X-No has 1',
      [{ 'x-a': '' }, { cookie: 'b=1' }, { 'x-a': '1', 'x-no': '2' }],
      [{}, { 'x-a': '1', 'x-no': '1' }, { 'x-no': '2' }],
    ],
  ];
  for (const [condition, met, unmet] of cases) {
    expect(await apply([100, 0], `    condition: "${condition}"\n`)).toMatchObject({ status: 0, stderr: '' });
    await toSee(condition, '/new', async () => Object.keys(await answers(met[0] ?? {}, 1)).join());
    for (const headers of met)
      expect([condition, headers, await answers(headers, 5)]).toEqual([condition, headers, { '/new': 5 }]);
    for (const headers of unmet)
      expect([condition, headers, await answers(headers, 5)]).toEqual([condition, headers, { '/old': 5 }]);
  }
});

test('strength 50 on weights 80/20 gives 40/60 to those that meet it, and 80/20 to the others', async () => {
  const { stage, apply, answers } = await set();
  const condition = '    condition: "User-Agent = Chrome"\n    condition_strength: 50%\n';
  await until('the gateway to be taken', async () => (await apply([80, 20], condition)).status === 0);
  await stage.carried({ old: 80, new: 20 }, '/gateway/shop');
  await until('the listener', async () => (await answers({}, 1).catch(() => null)) !== null);
  const met = await answers(chrome, 1000);
  expect(Math.abs((met['/new'] ?? 0) - 600)).toBeLessThanOrEqual(5);
  const others = await answers(safari, 1000);
  expect(Math.abs((others['/new'] ?? 0) - 200)).toBeLessThanOrEqual(5);
});

test('other weights little by little: a step at a time, without a reload', async () => {
  const { stage, apply } = await set();
  await until('the gateway to be taken', async () => (await apply([100, 0], '')).status === 0);
  await stage.carried({ old: 100 }, '/gateway/shop');
  const reloads = await stage.baton().metric('baton_dataplane_reloads_total');
  expect((await apply([50, 50], '', '--step', '20%', '--hold', '1s')).status).toBe(0);
  const shares = new Set<number>();
  await until('all of it', async () => {
    const { pools } = await stage.baton().service('/gateway/shop');
    const share = pools.find((pool) => pool.app === '/new')?.weight ?? 0;
    shares.add(share);
    return share === 50;
  });
  expect([...shares].toSorted((a, b) => a - b).filter((share) => share > 0)).toEqual([20, 40, 50]);
  expect(await stage.baton().metric('baton_dataplane_reloads_total')).toBe(reloads);
  const told = async () => {
    const answer = await fetch(`${stage.baton().url}/v1/services/gateway/shop/history`);
    const { entries } = (await answer.json()) as { entries: readonly { kind: string }[] };
    return entries.map(({ kind }) => kind).filter((kind) => /^(?:gateway|transition)-/.test(kind));
  };
  await until('the end in the history', async () => (await told()).at(-1) === 'transition-ended');
  // The change that moved the shares, and each step after the first, as of any other transition.
  expect((await told()).slice(1)).toEqual([
    'gateway-changed',
    'transition-started',
    ...Array<string>(2).fill('transition-stepped'),
    'transition-ended',
  ]);
});

test('rewrites change the path of requests that their route has, and what HAProxy refuses is told and left out', async () => {
  const { port, stage, apply, toSee } = await set('--allow-templates');
  const rewrites = [
    '/pics%[path] if path_end -i .jpg',
    '/cold%[path] if path_beg /pics',
    '/never%[path] if nonsense 1',
  ].map((path) => `      - path: "${path}"\n`);
  const more = `    condition: has cookie beta\n    rewrites:\n${rewrites.join('')}sticky: route\nvirtual_hosts: shop.example.com\n`;
  await until('the gateway to be taken', async () => (await apply([100, 0], more)).status === 0);
  await stage.carried({ old: 100 }, '/gateway/shop');
  const seen = async (at: number, path: string, headers: Headers) => {
    const answer = JSON.parse((await request(at, { path, headers })).body) as { app: string; path: string };
    return `${answer.app} ${answer.path}`;
  };
  const beta = { cookie: 'beta=1' };
  await toSee('the rewrites', '/new /cold/pics/a.JPG', () => seen(port, '/a.JPG', beta));
  expect(await seen(port, '/a.jpg?b=c.png', beta)).toBe('/new /cold/pics/a.jpg?b=c.png');
  expect(await seen(port, '/a.png?b=c.jpg', beta)).toBe('/new /a.png?b=c.jpg');
  expect(await seen(port, '/a.jpg', {})).toBe('/old /a.jpg');
  const host = { host: 'shop.example.com' };
  expect(await seen(stage.port, '/a.jpg', { ...beta, ...host })).toBe('/new /cold/pics/a.jpg');
  expect(await seen(stage.port, '/pics/a.jpg', host)).toBe('/old /pics/a.jpg');
  const told = (await stage.baton().diagnostics()).filter(({ code }) => code === 'template-rejected');
  expect(told).toMatchObject([
    { app: '/new', label: 'rewrites of the gateway shop', value: '/never%[path] if nonsense 1' },
  ]);
  expect((await apply([100, 0], '    rewrites: {path: "/a# if path_beg /"}\n')).stderr).toContain(
    'gateway.yaml:8:22: [rewrite]',
  );
});

test('a request that waits for its route to come back is rewritten once', async () => {
  const { port, applyText, toSee } = await set('--allow-templates');
  const outside = await freePort();
  const serve = async () => {
    const server = http.createServer((asked, response) => response.end(asked.url)).listen(outside);
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    return server;
  };
  const close = async (server: http.Server) => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  let server = await serve();
  const text = `name: shop\nport: 8080\nroutes:\n  "[127.0.0.1:${outside}]":\n    rewrites: {path: "/x%[path] if path_beg /"}\n`;
  await until('the gateway to be taken', async () => (await applyText(text)).status === 0);
  const ask = () => request(port, { path: '/a' }).catch(() => null);
  await toSee('the rewrite', '/x/a', async () => (await ask())?.body);
  await close(server);
  await until('it to be down', async () => (await ask())?.status === 503);
  let waited: string | undefined;
  await until('an answer after a wait', async () => {
    const asked = ask();
    await setTimeout(300);
    server = await serve();
    const answer = await asked;
    waited = answer?.status === 200 ? answer.body : undefined;
    if (waited === undefined) await close(server);
    return waited !== undefined;
  });
  expect(waited).toBe('/x/a');
});
