/** What a turn looks at before it believes a picture of Marathon, and what is told of a doubt. */
import { expect, it } from 'vitest';
import { createPicture } from '../../src/controller/picture.ts';
import type { Scope } from '../../src/dataplane/driver.ts';
import type { App } from '../../src/model/app.ts';
import { millis, type ServiceId } from '../../src/model/ids.ts';
import type { Fact } from '../../src/observe/facts.ts';
import type { ServiceVerdict } from '../../src/plan/verdict.ts';
import { appOf } from './rig.ts';

const [shop, blog, wiki] = ['shop', 'blog', 'wiki'].map((name) => appOf(name, {}, 4)) as [App, App, App];
const verdicts = [shop, blog, wiki].map(
  ({ id }) => ({ service: id as string as ServiceId, pools: [{ app: id }] }) as unknown as ServiceVerdict,
);

function begun() {
  const told: (Fact['kind'] | 'taken' | { readonly look: Scope })[] = [];
  let apps: readonly App[] = [shop, blog, wiki];
  let now = 0;
  const picture = createPicture(
    { snapshot: () => ({ apps: new Map(apps.map((app) => [app.id, app])) }), reread: () => {} },
    () => millis(now),
    ({ kind }) => told.push(kind),
    () => told.push('taken'),
  );
  /** What it did, and how many apps may be acted on. */
  async function take(next: readonly App[], at: number, looked: Scope = new Set()) {
    apps = next;
    now = at;
    told.length = 0;
    const taken = await picture.take(millis(at), verdicts, {
      looked,
      look: async (scope) => void told.push({ look: scope }),
      observed: () => ({ services: new Map() }),
    });
    return { told: [...told], looked: taken.looked, apps: taken.cluster?.apps.size };
  }
  return { take, picture };
}

it('what begins to be doubted is looked at and judged once more; what is doubted already is looked at first', async () => {
  const { take, picture } = begun();
  expect(await take([shop, blog, wiki], 0, 'all')).toEqual({ told: ['taken'], looked: 'all', apps: 3 });
  expect(await take([shop, blog, wiki], 1)).toEqual({ told: ['taken'], looked: new Set(), apps: 3 });
  const concerned = new Set(['/shop']);
  expect(await take([blog, wiki], 2)).toEqual({
    told: ['taken', 'read-doubted', { look: concerned }, 'taken'],
    looked: concerned,
    apps: 3,
  });
  expect(picture.doubted()).toEqual({
    since: 2,
    problem: 'it names none of the 4 running tasks of /shop any more',
  });
  expect(await take([blog, wiki], 3)).toEqual({
    told: [{ look: concerned }, 'taken'],
    looked: concerned,
    apps: 3,
  });
  expect(picture.doubted()?.since).toBe(2);
  // Everything was looked at before.
  expect(await take([blog, wiki], 4, 'all')).toEqual({ told: ['taken'], looked: 'all', apps: 3 });
  expect((await take([shop, blog, wiki], 5)).told.slice(-2)).toEqual(['taken', 'read-believed']);
  expect(picture.doubted()).toBeNull();
});
