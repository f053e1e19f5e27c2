/** What GET /v1/services says: services with their pools, weights, slots and reasons, in the words of the docs. */
import { isIP } from 'node:net';
import { marathonLbServerName } from '../declared/marathon-lb/naming.ts';
import type { Realised } from '../controller/state.ts';
import { backendsName } from '../model/ids.ts';
import type { PoolVerdict, ServiceVerdict } from '../plan/verdict.ts';
import { isoTime } from './answer.ts';
import { transitionViews } from './transition-view.ts';

export function serviceView(service: ServiceVerdict, realised: Realised | undefined) {
  const total = [...(realised?.requests.values() ?? [])].reduce((a, b) => a + b, 0);
  return {
    service: service.service,
    phase: service.phase,
    because: service.because,
    listener: {
      app: service.listenerApp,
      gone: service.listenerGone,
      binds: service.listeners.map(({ address, port, declaredPort, mode, hosts, paths, tls, only }) => ({
        address,
        port,
        declaredPort,
        mode,
        hosts,
        paths: paths.map(({ prefix }) => prefix),
        tls: tls !== null,
        /** The app whose pool gets all that comes here; null: the pools by their shares. */
        only,
      })),
    },
    /** Percent of the traffic on side B. */
    ratio: service.ratio,
    realisedSince: realised === undefined ? null : isoTime(realised.since),
    pools: service.pools
      .toSorted((a, b) => b.priority - a.priority || (a.app < b.app ? -1 : 1))
      .map((pool) => poolView(service, pool, realised?.requests.get(pool.app) ?? 0, total)),
    failover: service.failover,
    ...transitionViews(service),
  };
}

function poolView(service: ServiceVerdict, pool: PoolVerdict, requests: number, total: number) {
  return {
    app: pool.app,
    role: pool.role,
    priority: pool.priority,
    declaredWeight: pool.declaredWeight,
    /** Percent of the service's traffic, two decimals. */
    weight: pool.weight / 100,
    /** The same as measured since the weights last changed; null before the first request. */
    realised: total === 0 ? null : Math.round((requests / total) * 10_000) / 100,
    requests,
    state: pool.state,
    /** Was sent back: it takes nothing until it changes or somebody retries. */
    aborted: pool.state === 'aborted',
    ready: pool.ready,
    because: pool.because,
    slot: pool.slot,
    backend: `${backendsName(service.service)}:${pool.slot}`,
    side: pool.side,
    attached: pool.attached,
    balance: pool.balance,
    sessions: pool.sessions,
    endpoints: pool.endpoints.map((endpoint) => ({
      task: endpoint.task,
      server: endpoint.server,
      /** The name that marathon-lb would have given it; null for an agent's host name, which it resolves by itself. */
      legacyName:
        isIP(endpoint.host) === 0 ? null : marathonLbServerName(endpoint.host, endpoint.host, endpoint.port),
      host: endpoint.host,
      port: endpoint.port,
      rotation: endpoint.rotation,
      health: endpoint.health,
      probed: endpoint.probed,
      current: endpoint.current,
    })),
  };
}
