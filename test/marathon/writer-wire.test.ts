/** What changes look like on the wire: where they go and what they carry. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { appId, taskId } from '../../src/model/ids.ts';
import { until } from '../support/wait.ts';
import { type Changeable, startChangeable } from './support/changeable.ts';
import { deadUrl } from './support/dead-url.ts';
import type { Wire } from './support/wire.ts';
import { type Asking, inTime, startAsking } from './support/writing.ts';

const web = appId('/shop/web');
const task = taskId('shop_web.instance-0a0a0a0a-1111-11ee-8000-000000000001._app.1');
let fake: Changeable;
let asking: Asking;

beforeEach(async () => {
  fake = await startChangeable();
  asking = startAsking([fake.url.replace('//', '//u:p@')], 2_000);
});

afterEach(async () => {
  await asking.writer.close();
  await fake.close();
});

describe('nothing is ever forced', () => {
  const writes: readonly (readonly [string, () => Promise<unknown>, Wire])[] = [
    [
      'scale',
      () => asking.writer.scale(web, 5, inTime()),
      { method: 'PATCH', path: '/v2/apps/shop/web', query: 'force=false', body: { instances: 5 } },
    ],
    [
      'kill',
      () => asking.writer.kill(web, [task], inTime()),
      {
        method: 'POST',
        path: '/v2/tasks/delete',
        query: 'scale=true&force=false',
        body: { ids: [task] },
      },
    ],
    [
      'delete',
      () => {
        fake.set({ instances: 0, tasks: [] });
        fake.plan = [{ action: 'StopApplication', app: '/shop/web' }];
        return asking.writer.delete(web, inTime());
      },
      { method: 'DELETE', path: '/v2/apps/shop/web', query: 'force=false', body: null },
    ],
    [
      'create',
      () => {
        fake.answer = { status: 201, body: { deployments: [{ id: 'd1' }] } };
        return asking.writer.create({ id: 'shop//web', cmd: 'serve' }, inTime());
      },
      { method: 'POST', path: '/v2/apps', query: 'force=false', body: { id: '/shop/web', cmd: 'serve' } },
    ],
  ];

  test.each(writes)('%s', async (_, write, change) => {
    expect(await write()).toEqual({ app: web, deployment: 'd1' });
    expect(fake.changes).toEqual([{ ...change, authorization: `Basic ${btoa('u:p')}` }]);
    for (const { query } of fake.tried) expect(query).toBe('dryRun=true&force=false');
  });
});

test('tasks that are being killed, and say so by nothing, are not killed again', async () => {
  const { intercept } = fake;
  let sent = 0;
  fake.intercept = (request, response) => {
    if (request.method !== 'POST') return intercept(request, response);
    sent += 1;
    fake.set({ instances: 2, deployments: [{ id: 'd1' }] });
    response.destroy();
    return true;
  };
  const killed = asking.writer.kill(web, [task], inTime());
  await until('some looks', () => asking.asked.filter((each) => each.startsWith('GET /v2/apps')).length > 3);
  fake.set({ tasks: [], deployments: [] });
  expect(await killed).toEqual({ app: web, deployment: null });
  expect(sent).toBe(1);
});

describe('several addresses', () => {
  let other: Changeable;
  let several: Asking;
  beforeEach(async () => {
    other = await startChangeable();
  });
  afterEach(async () => {
    await several.writer.close();
    await other.close();
  });

  test('where nobody listens, the next one is asked', async () => {
    several = startAsking([await deadUrl(), fake.url], 2_000);
    await several.writer.scale(web, 5, inTime());
    expect(fake.changes).toHaveLength(1);
  });

  test('one that may have heard is not passed over for another', async () => {
    several = startAsking([fake.url, other.url], 2_000);
    const { intercept } = fake;
    fake.intercept = (request, response) => {
      if (request.method !== 'PATCH') return intercept(request, response);
      fake.set({ instances: 5 });
      response.destroy();
      return true;
    };
    expect(await several.writer.scale(web, 5, inTime())).toEqual({ app: web, deployment: null });
    expect(fake.changes).toEqual([]);
    expect(other.requests).toEqual([]);
  });

  test('a standby leads to the leader, with body and credentials', async () => {
    other.intercept = (request, response) => {
      const to = `${fake.url}${request.path}?${request.query.toString()}`;
      response.writeHead(302, { location: to }).end();
      return true;
    };
    several = startAsking([other.url.replace('//', '//u:p@')], 2_000);
    await several.writer.scale(web, 5, inTime());
    expect(fake.changes).toEqual([
      {
        method: 'PATCH',
        path: '/v2/apps/shop/web',
        query: 'force=false',
        body: { instances: 5 },
        authorization: `Basic ${btoa('u:p')}`,
      },
    ]);
  });
});
