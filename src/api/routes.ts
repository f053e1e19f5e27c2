/** The routes of the API: which path answers what. */
import type { IncomingMessage } from 'node:http';
import type { ShadowState } from '../controller/shadow.ts';
import type { ControllerState } from '../controller/state.ts';
import type { HistoryEntry } from '../model/history.ts';
import type { ServiceId } from '../model/ids.ts';
import { type Answer, isoTime, json, problem, text } from './answer.ts';
import { appLines, hostLines } from './map-lines.ts';
import type { Obey } from './orders.ts';
import { oneService, order, servicesPath } from './services.ts';
import { vampPath } from './vamp/path.ts';
import type { VampApi } from './vamp/routes.ts';
import { serviceView } from './view.ts';

export interface ApiDependencies {
  readonly state: () => ControllerState;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** Null while Baton may be sent work; else why not. */
  readonly notReady: () => string | null;
  /** Of a Baton that carries traffic: does what somebody orders, or says why not. */
  readonly order?: Obey;
  /** Of a Baton that keeps one: what has happened to a service, the newest last. */
  readonly history?: (service: ServiceId) => readonly HistoryEntry[];
  /** What the data plane was told to run. */
  readonly configuration?: () => Promise<string>;
  /** Of a Baton that carries traffic: gateways and deployments, as Vamp's API has them. */
  readonly vamp?: VampApi;
  /** Of a Baton that is one. */
  readonly shadow?: () => ShadowState;
}

/** @throws BadRequestError for an order that cannot be understood */
export async function answerTo(request: IncomingMessage, dependencies: ApiDependencies): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://baton');
  const { pathname: path, searchParams } = url;
  if (path.startsWith(vampPath)) {
    // Who has no gateways needs no YAML: it would take 14 MB.
    const { vampAnswer } = await import('./vamp/routes.ts');
    return vampAnswer(request, url, dependencies.vamp);
  }
  if (request.method === 'GET' || request.method === 'HEAD') return read(path, searchParams, dependencies);
  if (request.method === 'POST' && path.startsWith(servicesPath))
    return order(request, path, dependencies.order);
  return problem(
    405,
    `${request.method} is not understood here; only GET is, and POST to /v1/services/ID/VERB`,
  );
}

async function read(path: string, query: URLSearchParams, dependencies: ApiDependencies): Promise<Answer> {
  const { state, metrics, notReady, configuration, shadow } = dependencies;
  switch (path) {
    case '/healthz':
      return text(200, 'alive\n');
    case '/readyz': {
      const reason = notReady();
      return reason === null ? text(200, 'ready\n') : text(503, `not ready: ${reason}\n`);
    }
    case '/metrics': {
      const { contentType, text: body } = await metrics();
      return { status: 200, contentType, body };
    }
    case '/v1/services': {
      const { services, realised } = state();
      return json(200, {
        services: services.map((service) => serviceView(service, realised.get(service.service))),
      });
    }
    case '/v1/diagnostics':
      return json(200, { diagnostics: state().diagnostics });
    case '/v1/haproxy/config':
      return text(200, (await configuration?.()) ?? '');
    case '/v1/haproxy/vhostmap':
      return text(200, hostLines(state().services));
    case '/v1/haproxy/appmap':
      return text(200, appLines(state().services));
    case '/v1/shadow':
      return shadow === undefined
        ? problem(404, 'this Baton is no shadow; start one with --shadow')
        : json(200, shadowView(shadow()));
    case '/v1/status': {
      const { marathon, services, diagnostics } = state();
      return json(200, {
        ready: notReady() === null,
        notReady: notReady(),
        marathon: {
          ...marathon,
          syncedAt: isoTime(marathon.syncedAt),
          heardAt: isoTime(marathon.heardAt),
          failingSince: isoTime(marathon.failingSince),
        },
        services: services.length,
        diagnostics: diagnostics.length,
      });
    }
    default:
      return path.startsWith(servicesPath)
        ? oneService(path, query, state(), dependencies.history)
        : notFound(path);
  }
}

function shadowView({ of, comparedAt, trouble, differences }: ShadowState) {
  return {
    of,
    comparedAt: isoTime(comparedAt),
    trouble,
    differences: differences.map(({ since, ...difference }) => ({ ...difference, since: isoTime(since) })),
  };
}

function notFound(path: string): Answer {
  return problem(
    404,
    `nothing is served at ${path}; try /v1/services, /api/v1/gateways, /v1/status, /v1/diagnostics, /v1/shadow, /metrics, /healthz or /readyz`,
  );
}
