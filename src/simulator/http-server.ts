/** The HTTP side: finds the route of each request, and turns what is refused into Marathon's answers. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError, badRequest } from './api-error.ts';
import type { Control } from './control.ts';
import type { EventHub } from './event-hub.ts';
import type { FaultLayer } from './faults-layer.ts';
import { routeFaults } from './faults-routes.ts';
import type { Gate } from './gate.ts';
import { type Answer, commonHeaders, type Exchange, jettyPage, send, sendText } from './http-answer.ts';
import { wrongMethod } from './methods.ts';
import { routeApps } from './routes-apps.ts';
import { routeDeployments, routeServer, routeTasks } from './routes-cluster.ts';
import { routeControl } from './routes-control.ts';
import { routeGroups } from './routes-groups.ts';
import { routeMetrics } from './routes-metrics.ts';
import { routePods } from './routes-pods.ts';
import { routeQueue } from './routes-queue.ts';
import type { Tally } from './tally.ts';
import type { World } from './world.ts';

export interface HttpSide {
  readonly world: World;
  readonly hub: EventHub;
  readonly tally: Tally;
  readonly control: Control;
  readonly faults: FaultLayer;
  readonly gate: Gate;
  /** `host:port` of this server, which is its own leader. */
  readonly leader: () => string;
  readonly changeLeader: () => void;
  readonly onError: (error: unknown) => void;
}

export async function handle(
  side: HttpSide,
  request: IncomingMessage,
  response: ServerResponse,
  node: number,
): Promise<void> {
  const { dialect } = side.world;
  side.tally.request(request, response);
  commonHeaders(response, `http://${side.leader()}`, dialect.securityHeaders);
  try {
    const exchange = exchangeOf(request, response, node);
    if (side.gate.refuses(exchange)) return;
    if (await side.faults.before(exchange)) return;
    if (isStream(exchange)) return attach(side, exchange);
    const answer =
      wrongMethod(exchange, dialect) ??
      (await route(side, exchange.method === 'HEAD' ? { ...exchange, method: 'GET' } : exchange)) ??
      dialect.unknownRoute(exchange.uri.split('?')[0] ?? '');
    const told = side.faults.after(exchange, answer);
    if (told !== null) send(response, told);
  } catch (error) {
    if (error instanceof ApiError) return send(response, { status: error.status, body: error.body });
    // Whoever asked has hung up before all was read.
    if (request.destroyed && error instanceof Error && 'code' in error && error.code === 'ECONNRESET') return;
    side.onError(error);
    send(response, {
      status: 500,
      body: { message: error instanceof Error ? error.message : String(error) },
    });
  } finally {
    // What was not read of a refused body must not be taken for the next request.
    if (!request.readableEnded) request.resume();
  }
}

async function route(side: HttpSide, exchange: Exchange): Promise<Answer | null> {
  const [first, second, ...rest] = exchange.segments;
  if (first === 'ping' && second === undefined) return ping(exchange);
  if (first === '_sim' && second === 'faults') return await routeFaults(side.faults.control, exchange, rest);
  if (first === '_sim') return await routeControl(side.control, exchange, exchange.segments.slice(1));
  if (first === 'acs') return await side.gate.login(exchange, exchange.segments.slice(1));
  if (first === 'metrics') {
    return routeMetrics(side.world, side.tally, side.hub.subscribers(), exchange, exchange.segments.slice(1));
  }
  if (first !== 'v2') return null;
  switch (second) {
    case 'apps':
      return await routeApps(side.world, exchange, rest);
    case 'tasks':
      return await routeTasks(side.world, exchange, rest);
    case 'deployments':
      return await routeDeployments(side.world, exchange, rest);
    case 'groups':
      return await routeGroups(side.world, exchange, rest);
    case 'queue':
      return routeQueue(side.world, exchange, rest);
    case 'pods':
      return await routePods(side.world, exchange, rest);
    case 'plugins':
      return exchange.method === 'GET' && rest.length === 0 ? { status: 200, body: { plugins: [] } } : null;
    case 'eventSubscriptions':
      if (!side.world.dialect.eventSubscriptions || rest.length > 0) return null;
      throw badRequest(noCallbacks);
    case 'leader':
      if (exchange.method === 'DELETE' && rest.length === 0) return abdicate(side);
      return rest.length === 0
        ? routeServer(exchange, second, side.leader(), side.world.dialect.release)
        : null;
    case 'info':
      return rest.length === 0
        ? routeServer(exchange, second, side.leader(), side.world.dialect.release)
        : null;
    default:
      return null;
  }
}

/** Of a Marathon that was started without them. */
const noCallbacks =
  'http event callback system is not running on this Marathon instance. Please re-start this instance with "--event_subscriber http_callback".';

/** Marathon answers first, and goes a little later. */
function abdicate(side: HttpSide): Answer {
  side.world.timers.after(side.world.dialect.abdicationMs, side.changeLeader);
  return { status: 200, body: { message: 'Leadership abdicated' } };
}

function ping(exchange: Exchange): Answer | null {
  if (exchange.method !== 'GET') return null;
  if (exchange.request.headers.accept === 'application/json') return { status: 200, body: 'pong' };
  sendText(exchange.response, 200, 'text/plain;charset=utf-8', 'pong');
  return { status: 200 };
}

/** @throws ApiError 400 when the path is not decodable */
function exchangeOf(request: IncomingMessage, response: ServerResponse, node: number): Exchange {
  const uri = request.url ?? '/';
  const [path = '', query = ''] = uri.split(/\?(.*)/s);
  try {
    const segments = path
      .split('/')
      .filter((segment) => segment !== '')
      .map((segment) => decodeURIComponent(segment));
    return {
      request,
      response,
      method: request.method ?? 'GET',
      segments,
      query: new URLSearchParams(query),
      uri,
      clientIp: request.socket.remoteAddress ?? 'unknown',
      node,
    };
  } catch {
    throw new ApiError('bad-request', 400, { message: 'Bad URI' });
  }
}

/** Marathon matches this path by its beginning. */
function isStream(exchange: Exchange): boolean {
  return exchange.uri.startsWith('/v2/events');
}

/** Jetty's EventSourceServlet wants an `Accept` that is exactly this; everything else is a plain servlet's 405. */
function attach(side: HttpSide, exchange: Exchange): void {
  const { request, response, query } = exchange;
  if (exchange.method === 'OPTIONS') {
    return send(response, { status: 200, headers: { Allow: 'GET, HEAD, OPTIONS' } });
  }
  const accepts = request.headersDistinct['accept'] ?? [];
  if (exchange.method !== 'GET' || !accepts.includes('text/event-stream')) {
    const reason = `HTTP method ${exchange.method} is not supported by this URL`;
    return sendText(response, 405, 'text/html;charset=iso-8859-1', jettyPage(405, reason));
  }
  side.hub.attach(side.faults.stream(response), exchange.clientIp, query.getAll('event_type'));
}
