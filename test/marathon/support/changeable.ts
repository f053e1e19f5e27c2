/** A fake Marathon that takes changes of /shop/web: it writes them down, and says of dry runs what a test told it to. */
import { type FakeMarathon, html, json, type SeenRequest, startFakeMarathon } from './fake-marathon.ts';
import { v1, type Wire, wireAppOf, wireTaskOf } from './wire.ts';

export interface Changeable extends FakeMarathon {
  /** What a dry run answers. */
  plan: readonly { action?: string; type?: string; app: string }[];
  /** What a change is answered with. */
  answer: { status: number; body: unknown };
  /** Marathon's version; null: 403. */
  release: string | null;
  /** The dry runs that were asked for. */
  readonly tried: { body: Wire; query: string }[];
  readonly changes: {
    method: string;
    path: string;
    query: string;
    body: unknown;
    authorization: unknown;
  }[];
  /** Changes fields of /shop/web. */
  set(fields: Wire): void;
}

export async function startChangeable(): Promise<Changeable> {
  const fake = await startFakeMarathon();
  fake.apps.set('/shop/web', wireAppOf('/shop/web', { instances: 3, tasks: [wireTaskOf('/shop/web')] }));
  const changeable: Changeable = Object.assign(fake, {
    plan: [{ action: 'ScaleApplication', app: '/shop/web' }],
    answer: { status: 200, body: { version: v1, deploymentId: 'd1' } },
    release: '1.10.26',
    tried: [],
    changes: [],
    set: (fields: Wire) => {
      fake.apps.set('/shop/web', { ...fake.apps.get('/shop/web'), ...fields });
    },
  });
  fake.intercept = async (request, response) => {
    const { plan, answer, release, tried, changes } = changeable;
    if (request.path === '/v2/info') {
      if (release === null) html(response, 403);
      else json(response, 200, { version: release });
      return true;
    }
    if (request.path === '/v2/groups/shop' && request.method === 'GET') {
      json(response, 200, { id: '/shop', apps: [...fake.apps.values(), wireAppOf('/shop/api')] });
      return true;
    }
    if (request.path === '/v2/groups/shop') {
      tried.push({ body: JSON.parse(await request.body()) as Wire, query: request.query.toString() });
      json(response, 200, { steps: [{ actions: plan }] });
      return true;
    }
    if (request.method === 'GET') return false;
    changes.push(await seen(request));
    json(response, answer.status, answer.body);
    return true;
  };
  return changeable;
}

async function seen({
  method,
  path,
  query,
  headers,
  body,
}: SeenRequest): Promise<Changeable['changes'][number]> {
  const text = await body();
  return {
    method,
    path,
    query: query.toString(),
    body: text === '' ? null : JSON.parse(text),
    authorization: headers.authorization,
  };
}
