/** How far a doubt about a read goes: a service's loss holds back that service alone, and is settled by itself. */
import { expect, it } from 'vitest';
import { createTrust } from '../../src/controller/trust.ts';
import type { App, Cluster } from '../../src/model/app.ts';
import { millis, serverName, type ServiceId } from '../../src/model/ids.ts';
import type { Observed, ObservedService } from '../../src/plan/observed.ts';
import type { ServiceVerdict } from '../../src/plan/verdict.ts';
import { appOf } from './rig.ts';

const [shop, blog, wiki] = ['shop', 'blog', 'wiki'].map((name) => on(name, appOf(name, {}, 4))) as [
  App,
  App,
  App,
];

const verdicts = [shop, blog, wiki].map(
  ({ id }) => ({ service: id as string as ServiceId, pools: [{ app: id }] }) as unknown as ServiceVerdict,
);

function of(...apps: readonly App[]): Cluster {
  return { apps: new Map(apps.map((app) => [app.id, app])) };
}

/** On an agent of its own. */
function on(host: string, app: App): App {
  return { ...app, tasks: app.tasks.map((task) => ({ ...task, host })) };
}

function less(app: App, by: number): App {
  return { ...app, tasks: app.tasks.slice(by) };
}

/** All endpoints are in rotation; those of the `dead` pass their checks no more. */
function served(...dead: readonly App[]): Observed {
  const services = [shop, blog, wiki].map((app) => {
    const check = dead.includes(app) ? 'failed' : 'passed';
    const endpoints = new Map(
      app.tasks.map(({ id }) => [serverName(id), { check, inRotation: true, sessions: 0 }]),
    );
    const service = app.id as string as ServiceId;
    return [service, { service, slots: [{ app: app.id, endpoints }] } as unknown as ObservedService] as const;
  });
  return { services: new Map(services) };
}

function begun() {
  let rereads = 0;
  const trust = createTrust(() => {
    rereads += 1;
  });
  const judge = (now: number, syncedAt: number, cluster: Cluster, observed = served()) => {
    const { cluster: acted, doubt } = trust.judge(
      millis(now),
      { cluster, syncedAt: millis(syncedAt) },
      verdicts,
      observed,
    );
    const tasks = Object.fromEntries([...(acted?.apps ?? [])].map(([id, app]) => [id, app.tasks.length]));
    return { tasks, doubt };
  };
  judge(0, 0, of(shop, blog, wiki));
  return { judge, rereads: () => rereads };
}

it('what is doubted of one service holds nothing back of another', () => {
  const { judge } = begun();
  expect(judge(1000, 1000, of(less(blog, 1), wiki))).toEqual({
    tasks: { '/shop': 4, '/blog': 3, '/wiki': 4 },
    doubt: 'it names none of the 4 running tasks of /shop any more',
  });
  // What was believed meanwhile does not come back with what is doubted, and one more may go.
  expect(judge(2000, 1000, of(less(blog, 2), wiki)).tasks).toEqual({ '/shop': 4, '/blog': 2, '/wiki': 4 });
  expect(judge(2500, 1000, of(less(blog, 1), less(wiki, 1))).tasks).toEqual({
    '/shop': 4,
    '/blog': 3,
    '/wiki': 3,
  });
});

it('each is settled by itself: by an answer after its own question, and by its own checks', () => {
  const { judge, rereads } = begun();
  const withoutShop = of(blog, wiki);
  judge(1000, 1000, withoutShop);
  judge(2000, 1000, withoutShop);
  expect(rereads()).toBe(1);
  // The answer agrees, but the endpoints live on.
  expect(judge(2500, 2400, withoutShop).doubt).toContain('/shop');
  const withoutBoth = of(less(blog, 2), wiki);
  expect(judge(2600, 2600, withoutBoth, served(shop))).toEqual({
    tasks: { '/blog': 4, '/wiki': 4 },
    doubt: 'it names 2 of the 4 working tasks of /blog no more',
  });
  judge(3600, 2600, withoutBoth, served(shop));
  expect(rereads()).toBe(2);
  // Its minute is its own.
  expect(judge(61_500, 61_000, withoutBoth, served(shop)).doubt).toContain('/blog');
  expect(judge(62_600, 62_550, withoutBoth, served(shop))).toEqual({
    tasks: { '/blog': 2, '/wiki': 4 },
    doubt: null,
  });
});

it('no check that fails makes up for an answer that came after the question', () => {
  const { judge, rereads } = begun();
  const [dead, withoutShop] = [served(shop), of(blog, wiki)];
  expect(judge(1000, 1000, withoutShop, dead).doubt).toContain('/shop');
  // Not even when the same answer is looked at again and again, and the minute has long passed.
  for (const now of [2000, 2500, 70_000]) expect(judge(now, 1000, withoutShop, dead).tasks['/shop']).toBe(4);
  expect(rereads()).toBe(2);
  expect(judge(70_100, 70_050, withoutShop, dead)).toEqual({
    tasks: { '/blog': 4, '/wiki': 4 },
    doubt: null,
  });
});

it('more than half of all waits together, and what is left of it is not doubted anew', () => {
  const { judge } = begun();
  const nothing = of();
  expect(judge(1000, 1000, nothing)).toEqual({
    tasks: { '/shop': 4, '/blog': 4, '/wiki': 4 },
    doubt: 'it names 12 of 12 running tasks no more',
  });
  judge(2000, 1000, nothing);
  expect(judge(30_000, 29_000, of(blog, wiki)).tasks).toEqual({ '/shop': 4, '/blog': 4, '/wiki': 4 });
  expect(judge(61_000, 60_500, of(blog, wiki))).toEqual({ tasks: { '/blog': 4, '/wiki': 4 }, doubt: null });
});

it('more than half of all is held for as long as half of that lives on where it was', () => {
  const all = { '/shop': 4, '/blog': 4, '/wiki': 4 };
  const answers = (cluster: Cluster, observed: Observed) => {
    const { judge } = begun();
    judge(1000, 1000, cluster, observed);
    judge(2000, 1000, cluster, observed);
    return judge(3_600_000, 3_599_000, cluster, observed);
  };
  expect(answers(of(), served()).tasks).toEqual(all);
  expect(answers(of(), served(shop)).tasks).toEqual(all);
  expect(answers(of(), served(shop, blog))).toEqual({ tasks: {}, doubt: null });
  expect(answers(of(wiki), served(shop)).tasks).toEqual(all);
  // Who answers where a task was may be another app's.
  const others = ['shop', 'blog'].map((host) => on(host, appOf(`new-${host}`, {}, 4))) as [App, App];
  expect(answers(of(...others), served())).toEqual({
    tasks: { '/new-shop': 4, '/new-blog': 4 },
    doubt: null,
  });
  expect(answers(of(others[0]), served()).tasks).toEqual({ ...all, '/new-shop': 4 });
});
