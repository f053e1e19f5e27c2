/** The HTTP API: /v1/services, /v1/status, /v1/diagnostics, /v1/shadow, /metrics, /healthz and /readyz. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { ShadowState } from '../controller/shadow.ts';
import type { ControllerState } from '../controller/state.ts';
import { appId } from '../model/ids.ts';
import { serviceView } from './view.ts';

export interface ApiDependencies {
  readonly state: () => ControllerState;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** Null while Baton may be sent work; else why not. */
  readonly notReady: () => string | null;
  /** Of a Baton that is one. */
  readonly shadow?: () => ShadowState;
}

export interface Api {
  /** `host:port`, as bound. */
  readonly address: string;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** The address cannot be bound. */
export class ListenError extends Error {
  readonly code = 'listen-failed';
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken',
  EADDRNOTAVAIL: 'this machine does not have that address',
  EACCES: 'this user may not bind that port',
  ENOTFOUND: 'that name does not resolve',
};

/** @throws ListenError when the address cannot be bound */
export async function startApi(
  listen: { readonly host: string; readonly port: number },
  dependencies: ApiDependencies,
): Promise<Api> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) => {
    void respond(request, response, dependencies);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = reasons[error.code ?? ''] ?? error.message;
      reject(
        new ListenError(`cannot listen on ${listen.host}:${listen.port}: ${why}; choose another --listen`, {
          cause: error,
        }),
      );
    });
    server.listen(listen.port, listen.host, resolve);
  });
  return { address: addressOf(server), close: () => closeServer(server) };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  dependencies: ApiDependencies,
): Promise<void> {
  const answer = await answerTo(request, dependencies).catch((error: unknown) =>
    json(500, { message: error instanceof Error ? error.message : String(error) }),
  );
  response.writeHead(answer.status, {
    'content-type': answer.contentType,
    'content-length': Buffer.byteLength(answer.body),
    'cache-control': 'no-store',
  });
  response.end(request.method === 'HEAD' ? undefined : answer.body);
}

async function answerTo(
  request: IncomingMessage,
  { state, metrics, notReady, shadow }: ApiDependencies,
): Promise<Answer> {
  const path = new URL(request.url ?? '/', 'http://baton').pathname;
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return json(405, { message: `${request.method} is not understood here; only GET is` });
  }
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
    case '/v1/shadow':
      return shadow === undefined
        ? json(404, { message: 'this Baton is no shadow; start one with --shadow' })
        : json(200, shadowView(shadow()));
    case '/v1/status': {
      const { marathon, services, diagnostics } = state();
      return json(200, {
        ready: notReady() === null,
        notReady: notReady(),
        marathon: { ...marathon, syncedAt: isoTime(marathon.syncedAt), heardAt: isoTime(marathon.heardAt) },
        services: services.length,
        diagnostics: diagnostics.length,
      });
    }
    default:
      return path.startsWith('/v1/services/') ? oneService(path, state()) : notFound(path);
  }
}

function oneService(path: string, { services, realised }: ControllerState): Answer {
  const name = decoded(path.slice('/v1/services/'.length));
  if (name === null)
    return json(400, { message: `${path} is no valid path: % must begin an encoded character` });
  const id = appId(name);
  const service = services.find((each) => each.service === String(id));
  if (service === undefined)
    return json(404, { message: `there is no service ${id}; GET /v1/services lists them` });
  return json(200, serviceView(service, realised.get(service.service)));
}

function shadowView({ of, comparedAt, trouble, differences }: ShadowState) {
  return {
    of,
    comparedAt: isoTime(comparedAt),
    trouble,
    differences: differences.map(({ since, ...difference }) => ({ ...difference, since: isoTime(since) })),
  };
}

function isoTime(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function notFound(path: string): Answer {
  return json(404, {
    message: `nothing is served at ${path}; try /v1/services, /v1/status, /v1/diagnostics, /v1/shadow, /metrics, /healthz or /readyz`,
  });
}

function json(status: number, body: unknown): Answer {
  return {
    status,
    contentType: 'application/json; charset=utf-8',
    body: `${JSON.stringify(body, null, 2)}\n`,
  };
}

function text(status: number, body: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}

function addressOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') return String(address);
  return address.family === 'IPv6'
    ? `[${address.address}]:${address.port}`
    : `${address.address}:${address.port}`;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
