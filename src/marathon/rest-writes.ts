/** The requests with which Baton changes Marathon, and the reads that go with them; `force` is never true. */
import { z } from 'zod';
import type { AppId, TaskId } from '../model/ids.ts';
import { groupPathOf, pathOf } from './app-path.ts';
import type { Http } from './http.ts';
import {
  type WireDeployment,
  type WirePlan,
  type WireSubject,
  wireCreated,
  wireDeployed,
  wireDeployment,
  wireGroup,
  wireInfo,
  wirePlan,
  wireSubject,
} from './schema-writes.ts';

/** An app's definition as Marathon writes it. */
export type Definition = Readonly<Record<string, unknown>>;

export interface RestWrites {
  /** @throws MarathonError, `not-found` when Marathon has no such app; so do all that follow */
  app(id: AppId, signal: AbortSignal): Promise<WireSubject>;
  /** The apps in the same group as this one; none when there is no such group. */
  neighbours(id: AppId, signal: AbortSignal): Promise<readonly Definition[]>;
  deployments(signal: AbortSignal): Promise<readonly WireDeployment[]>;
  /** Marathon's version. */
  release(signal: AbortSignal): Promise<string>;
  /** What an update of the app's group to these apps would do. Changes nothing. */
  plan(id: AppId, apps: readonly Definition[], signal: AbortSignal): Promise<WirePlan>;
  /** Each of these answers the id of its deployment. @throws MarathonError, `uncertain` when it may have been done */
  patch(id: AppId, body: Definition, signal: AbortSignal): Promise<string>;
  kill(tasks: readonly TaskId[], signal: AbortSignal): Promise<string>;
  delete(id: AppId, signal: AbortSignal): Promise<string>;
  create(definition: Definition, signal: AbortSignal): Promise<string | null>;
}

export function createRestWrites(http: Http): RestWrites {
  return {
    app: async (id, signal) => {
      const path = `/v2/apps${pathOf(id)}?embed=app.tasks&embed=app.deployments`;
      const answer = await http.get('GET /v2/apps/{id}', path, z.object({ app: wireSubject }), signal);
      return answer.app;
    },
    neighbours: async (id, signal) => {
      const path = `/v2/groups${groupPathOf(id)}?embed=group.apps`;
      return (await http.get('GET /v2/groups/{id}', path, wireGroup, signal)).apps;
    },
    deployments: (signal) =>
      http.get('GET /v2/deployments', '/v2/deployments', z.array(wireDeployment), signal),
    release: async (signal) => (await http.get('GET /v2/info', '/v2/info', wireInfo, signal)).version,
    plan: (id, apps, signal) => {
      const path = `/v2/groups${groupPathOf(id)}?dryRun=true&force=false`;
      return http.send(
        'PUT /v2/groups/{id}?dryRun=true',
        { method: 'PUT', path, body: { apps } },
        wirePlan,
        signal,
      );
    },
    patch: async (id, body, signal) => {
      const path = `/v2/apps${pathOf(id)}?force=false`;
      return (await http.send('PATCH /v2/apps/{id}', { method: 'PATCH', path, body }, wireDeployed, signal))
        .deploymentId;
    },
    kill: async (ids, signal) => {
      const path = '/v2/tasks/delete?scale=true&force=false';
      const change = { method: 'POST', path, body: { ids } } as const;
      return (await http.send('POST /v2/tasks/delete?scale=true', change, wireDeployed, signal)).deploymentId;
    },
    delete: async (id, signal) => {
      // Without `force=false` Marathon would force here.
      const change = { method: 'DELETE', path: `/v2/apps${pathOf(id)}?force=false`, body: null } as const;
      return (await http.send('DELETE /v2/apps/{id}', change, wireDeployed, signal)).deploymentId;
    },
    create: async (definition, signal) => {
      const change = { method: 'POST', path: '/v2/apps?force=false', body: definition } as const;
      const created = await http.send('POST /v2/apps', change, wireCreated, signal);
      return created.deployments[0]?.id ?? null;
    },
  };
}
