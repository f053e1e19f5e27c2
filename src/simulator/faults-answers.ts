/** Answers on a bad day: late, refused, old, empty, partial, or cut in the middle. */
import { locked, tooManyDeployments } from './api-error.ts';
import { withoutHealth } from './faults-health.ts';
import type { ActiveFault, FaultRegistry } from './faults.ts';
import { type FaultOf, matchesRoute } from './faults-schema.ts';
import { type Answer, type Exchange, sendText } from './http-answer.ts';
import { chanceOf } from './random.ts';
import type { Timers } from './timers.ts';

/** So many different requests are remembered for days on which the last answer is given again. */
const mostRemembered = 64;

export interface AnswerFaults {
  /** Before a request is looked at: waits, or answers in place of Marathon. @returns whether it has answered */
  before(exchange: Exchange): Promise<boolean>;
  /** What becomes of Marathon's answer; null when it has been given already, as far as it is given at all. */
  after(exchange: Exchange, answer: Answer): Answer | null;
}

type Aimed = 'slow' | 'error' | 'conflict' | 'too-many-deployments' | 'cut-answer';

export interface AnswerFaultsOptions {
  readonly timers: Timers;
  /** Whether the simulated version writes lists that are empty. */
  readonly writesEmptyLists: boolean;
}

export function createAnswerFaults(
  faults: FaultRegistry,
  { timers, writesEmptyLists }: AnswerFaultsOptions,
): AnswerFaults {
  /** The last answers to reads of apps, by path and query. */
  const lastTold = new Map<string, unknown>();

  function hit<K extends Aimed>(kind: K, exchange: Exchange): FaultOf<K> | undefined {
    return faults.active(kind).find((active) => isHit(active, exchange))?.fault;
  }

  function remember(uri: string, body: unknown): void {
    lastTold.delete(uri);
    lastTold.set(uri, body);
    const [oldest] = lastTold.keys();
    if (lastTold.size > mostRemembered && oldest !== undefined) lastTold.delete(oldest);
  }

  /** The body of a read of apps as it is told today. */
  function listed(exchange: Exchange, body: unknown): unknown {
    const path = pathOf(exchange);
    const about = ({ fault }: { readonly fault: { readonly route: string } }): boolean =>
      matchesRoute(fault.route, path);
    const stale = faults.active('stale-list').some(about);
    const now = stale ? (lastTold.get(exchange.uri) ?? body) : body;
    remember(exchange.uri, now);
    if (faults.active('empty-list').some(about) && isList(now)) return { ...now, apps: [] };
    return faults.active('partial-list').filter(about).reduce(partly, now);
  }

  return {
    async before(exchange) {
      if (exchange.segments[0] === '_sim') return false;
      const slow = hit('slow', exchange);
      if (slow !== undefined) await new Promise<void>((resolve) => void timers.after(slow.ms, resolve));
      const error = hit('error', exchange);
      if (error !== undefined) {
        // The proxy has not asked any Marathon.
        exchange.response.removeHeader('X-Marathon-Leader');
        sendText(exchange.response, error.status, 'text/html', proxyPage(error.status));
        return true;
      }
      const refused = isStream(exchange) && faults.active('refuse-stream').length > 0;
      if (refused) {
        refuse(exchange);
        return true;
      }
      if (!isChange(exchange)) return false;
      if (hit('conflict', exchange) !== undefined) throw locked([someDeployment]);
      if (hit('too-many-deployments', exchange) === undefined) return false;
      sendJson(exchange, 403, tooManyDeployments(100).body);
      return true;
    },
    after(exchange, answer) {
      if (exchange.segments[0] === '_sim') return answer;
      const isRead = exchange.method === 'GET' && answer.status === 200;
      const isApps = isRead && exchange.segments[0] === 'v2' && exchange.segments[1] === 'apps';
      const told = isApps ? { ...answer, body: listed(exchange, answer.body) } : answer;
      const blind = faults
        .active('no-health')
        .some(({ fault }) => fault.node === undefined || fault.node === exchange.node);
      const shaped = isRead && blind ? { ...told, body: withoutHealth(told.body, !writesEmptyLists) } : told;
      const cut = hit('cut-answer', exchange);
      if (cut === undefined || shaped.body === undefined) return shaped;
      sendCut(exchange, shaped, cut);
      return null;
    },
  };
}

interface Aim {
  readonly fault: {
    readonly route?: string | undefined;
    readonly method?: string | undefined;
    readonly probability: number;
  };
  readonly random: () => number;
}

function isHit({ fault, random }: Aim, exchange: Exchange): boolean {
  return (
    (fault.method === undefined || fault.method === exchange.method) &&
    matchesRoute(fault.route, pathOf(exchange)) &&
    random() < fault.probability
  );
}

function pathOf(exchange: Exchange): string {
  return exchange.uri.split('?')[0] ?? exchange.uri;
}

function isStream(exchange: Exchange): boolean {
  return exchange.uri.startsWith('/v2/events');
}

/** What begins a deployment. */
function isChange({ method, segments, query }: Exchange): boolean {
  const reads =
    method === 'GET' || method === 'HEAD' || method === 'OPTIONS' || query.get('dryRun') === 'true';
  return !reads && segments[0] === 'v2' && segments[1] !== 'leader';
}

const someDeployment = '97c136bf-5a28-4821-9d94-480d9fbb01c8';

interface AppsBody {
  readonly apps: readonly AppBody[];
}
interface AppBody {
  readonly id: string;
  readonly tasks?: readonly { readonly id: string }[];
}

function isList(body: unknown): body is AppsBody {
  return typeof body === 'object' && body !== null && 'apps' in body && Array.isArray(body.apps);
}

/** Without some apps, or some tasks of each: the same ones at each read, by the fault's seed. */
function partly(body: unknown, { fault, seed }: ActiveFault<'partial-list'>): unknown {
  const stays = ({ id }: { readonly id: string }): boolean => chanceOf(seed, id) >= fault.missing;
  const thin = (app: AppBody): AppBody =>
    app.tasks === undefined ? app : { ...app, tasks: app.tasks.filter(stays) };
  if (isList(body)) {
    return { ...body, apps: fault.of === 'apps' ? body.apps.filter(stays) : body.apps.map(thin) };
  }
  const single = body as { readonly app?: AppBody };
  return fault.of === 'tasks' && single.app !== undefined ? { ...single, app: thin(single.app) } : body;
}

/** As a node does that finds out late that it does not lead: the head of a stream, and its end. */
function refuse({ response }: Exchange): void {
  response.useChunkedEncodingByDefault = false;
  response.writeHead(200, { 'Content-Type': 'text/event-stream;charset=utf-8', Connection: 'close' });
  response.flushHeaders();
  response.end();
}

function sendJson({ response }: Exchange, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}

/** The whole length is announced, a part of it comes, and the connection ends. */
function sendCut({ response }: Exchange, answer: Answer, cut: FaultOf<'cut-answer'>): void {
  const bytes = Buffer.from(JSON.stringify(answer.body));
  const part = bytes.subarray(0, Math.min(bytes.length - 1, Math.floor(bytes.length * cut.at)));
  response.writeHead(answer.status, { 'Content-Type': 'application/json', 'Content-Length': bytes.length });
  response.flushHeaders();
  const close = (): void => {
    if (cut.how === 'reset') response.socket?.resetAndDestroy();
    else response.destroy();
  };
  if (part.length === 0) close();
  else response.write(part, close);
}

const reasons: Readonly<Record<number, string>> = {
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
};

/** The page of an nginx that stands in front. */
function proxyPage(status: number): string {
  const title = `${status} ${reasons[status] ?? 'Error'}`;
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;
}
