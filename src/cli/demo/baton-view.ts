/** What the demo asks Baton: the service as its API shows it, and how often HAProxy was reloaded. */
import type { serviceView } from '../../api/view.ts';

export type ServiceView = ReturnType<typeof serviceView>;
export type PoolView = ServiceView['pools'][number];

const requestMs = 5_000;

export interface BatonView {
  readonly url: string;
  ready(): Promise<boolean>;
  /** Null when there is no such service (yet). */
  service(id: string): Promise<ServiceView | null>;
  /** Reloads of HAProxy since Baton started, refused ones included. */
  reloads(): Promise<number>;
}

export function viewBaton(url: string): BatonView {
  const get = (path: string) => fetch(`${url}${path}`, { signal: AbortSignal.timeout(requestMs) });
  return {
    url,
    ready: async () => (await get('/readyz')).ok,
    async service(id) {
      const answer = await get(`/v1/services/${id}`);
      if (answer.ok) return (await answer.json()) as ServiceView;
      await answer.body?.cancel();
      return null;
    },
    async reloads() {
      const text = await (await get('/metrics')).text();
      return sumOf(text, 'baton_dataplane_reloads_total');
    },
  };
}

/** The sum over all series of a metric in Prometheus' text format. */
export function sumOf(text: string, metric: string): number {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
