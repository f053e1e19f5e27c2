/** Wishes carried out by the real writer at a simulated Marathon. */
import { expect, onTestFinished, test } from 'vitest';
import { createFulfilment, type Fulfilment } from '../../src/controller/fulfil.ts';
import { systemClock } from '../../src/controller/clock.ts';
import { type AppId, serviceOf } from '../../src/model/ids.ts';
import type { Fact } from '../../src/observe/facts.ts';
import type { Because } from '../../src/plan/because.ts';
import type { Wish } from '../../src/plan/wishes.ts';
import { startWriting, type Writing } from '../marathon/support/writing.ts';
import { until } from '../support/wait.ts';

const because: Because = { code: 'draining', text: 'drained', facts: {} };

interface Stage {
  readonly w: Writing;
  readonly facts: Fact[];
  readonly fulfilment: Fulfilment;
  /** Wishes it, again and again, until it has this outcome. */
  readonly fulfilled: (wish: Wish, outcome?: string) => Promise<void>;
}

async function stage(): Promise<Stage> {
  const w = await startWriting();
  const facts: Fact[] = [];
  const fulfilment = createFulfilment({
    writer: w.writer,
    clock: systemClock,
    publish: (fact) => facts.push(fact),
    wake: () => {},
  });
  onTestFinished(async () => {
    await fulfilment.close();
    await w.stop();
  });
  return {
    w,
    facts,
    fulfilment,
    async fulfilled(wish, outcome = 'done') {
      await until(
        `${wish.kind} ${wish.app} to be ${outcome}`,
        () => {
          fulfilment.want([{ service: serviceOf(wish.app), wish }]);
          return fulfilment.states().get(wish.app)?.outcome === outcome;
        },
        { detail: () => [...fulfilment.states().values()] },
      );
      await w.it.idle();
    },
  };
}

function scale(app: AppId, instances: number): Wish {
  return { kind: 'scale', app, instances, because };
}

test('scales, kills exactly the named tasks, and deletes, each with one change', async () => {
  const { w, facts, fulfilled } = await stage();
  const app = await w.deploy('/shop/web', { instances: 1 });
  const before = w.changes();
  await fulfilled(scale(app, 4));
  const [first, second, ...rest] = await w.tasks(app);
  if (first === undefined || second === undefined) throw new Error('no tasks');
  await fulfilled({ kind: 'kill', app, tasks: [first, second], because });
  expect(await w.tasks(app)).toEqual(rest);
  expect(await w.instances(app)).toBe(2);
  await fulfilled(scale(app, 0));
  await fulfilled({ kind: 'delete', app, because });
  expect((await w.it.call('GET', '/v2/apps/shop/web')).status).toBe(404);
  expect(w.changes() - before).toBe(4);
  expect(facts.map((fact) => (fact.kind === 'wish-fulfilled' ? fact.wish.kind : fact.kind))).toEqual([
    'scale',
    'kill',
    'scale',
    'delete',
  ]);
});

test('an app with instances is not deleted, and that is final', async () => {
  const { w, facts, fulfilled, fulfilment } = await stage();
  const app = await w.deploy('/web', { instances: 1 });
  await fulfilled({ kind: 'delete', app, because }, 'refused');
  expect(fulfilment.states().get(app)?.problem).toContain('only an app that was scaled to 0 is deleted');
  expect(facts).toMatchObject([{ kind: 'wish-failed', outcome: 'refused' }]);
  expect(await w.instances(app)).toBe(1);
});

test('while somebody else deploys it waits, and goes on when they are done', async () => {
  const { w, fulfilled, fulfilment, facts } = await stage();
  const app = await w.deploy('/web', {
    instances: 1,
    healthChecks: [{ protocol: 'HTTP', path: '/', intervalSeconds: 2, gracePeriodSeconds: 5 }],
  });
  w.it.sim.behaveApp('/web', { unhealthy: true });
  await w.it.call('PUT', '/v2/apps/web', { instances: 3 });
  fulfilment.want([{ service: serviceOf(app), wish: scale(app, 2) }]);
  await until('a refusal', () => w.asked.includes('PATCH /v2/apps/{id} locked'));
  expect(fulfilment.states().get(app)?.outcome).toBe('under-way');
  w.it.sim.behaveApp('/web', { unhealthy: false });
  await fulfilled(scale(app, 2));
  expect(await w.tasks(app)).toHaveLength(2);
  expect(facts).toHaveLength(1);
});

test('with Marathon away it waits inside one write, and lets go when nobody wishes it any more', async () => {
  const { w, fulfilment, facts } = await stage();
  const app = await w.deploy('/web', { instances: 1 });
  await w.it.sim.close();
  const asked = w.asked.length;
  const wishes = [{ service: serviceOf(app), wish: scale(app, 2) }];
  fulfilment.want(wishes);
  await until('a few attempts', () => {
    fulfilment.want(wishes);
    return w.asked.length >= asked + 3;
  });
  expect(fulfilment.states().get(app)?.outcome).toBe('under-way');
  fulfilment.want([]);
  await fulfilment.close();
  expect(facts).toEqual([]);
});
