/** The reads that Baton needs of Marathon's REST API. */
import type { AppId } from '../model/ids.ts';
import { pathOf } from './app-path.ts';
import type { Http } from './http.ts';
import { type WireDefinition, wireDefinition, wireSingle } from './schema.ts';

export interface Rest {
  /** All apps with their tasks, each still to be parsed; they can be gone through once. @throws MarathonError */
  apps(signal: AbortSignal): Promise<Iterable<unknown>>;
  /** One app with its tasks, still to be parsed. @throws MarathonError, `not-found` when Marathon has no such app */
  app(id: AppId, signal: AbortSignal): Promise<unknown>;
  /** What an app was in an older version. @throws MarathonError, `not-found` when Marathon dropped it */
  definition(id: AppId, version: string, signal: AbortSignal): Promise<WireDefinition>;
}

export function createRest(http: Http): Rest {
  return {
    apps: (signal) => {
      const query = 'embed=apps.tasks&embed=apps.deployments&embed=apps.readiness';
      return http.list('GET /v2/apps', `/v2/apps?${query}`, 'apps', signal);
    },
    app: async (id, signal) => {
      const query = 'embed=app.tasks&embed=app.deployments&embed=app.readiness';
      const answer = await http.get(
        'GET /v2/apps/{id}',
        `/v2/apps${pathOf(id)}?${query}`,
        wireSingle,
        signal,
      );
      return answer.app;
    },
    definition: (id, version, signal) =>
      http.get(
        'GET /v2/apps/{id}/versions/{version}',
        `/v2/apps${pathOf(id)}/versions/${encodeURIComponent(version)}`,
        wireDefinition,
        signal,
      ),
  };
}
