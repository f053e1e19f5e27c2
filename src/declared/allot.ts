/** Who keeps an address and port that several want: the older app, whoever comes later. */
import type { AppId } from '../model/ids.ts';
import { diagnose } from './diagnostics.ts';
import { compare } from './order.ts';
import { listed } from './show.ts';
import { createTaken } from './taken.ts';
import type { Diagnostic, Listener } from './types.ts';

/** The listeners that one app wants, for one service. */
export interface Request {
  readonly app: AppId;
  /** Since when it has wanted listeners. */
  readonly since: string;
  /** Tells the requests of one app apart. */
  readonly order: number;
  /** The label that asks for them, with its value. */
  readonly label: string | null;
  readonly value: string | null;
  readonly listeners: readonly Listener[];
  /** Of requests that no app makes: the gateway. Its `app` is an id that stands for it. */
  readonly gateway?: string;
}

type Asker = Pick<Request, 'app' | 'gateway'>;

export interface Allotment {
  readonly kept: ReadonlyMap<Request, readonly Listener[]>;
  readonly diagnostics: readonly Diagnostic[];
}

export function allot(requests: readonly Request[]): Allotment {
  const kept = new Map<Request, readonly Listener[]>();
  const diagnostics: Diagnostic[] = [];
  const taken = createTaken();
  const askers = new Map<AppId, Asker>(requests.map((request) => [request.app, request]));
  for (const request of [...requests].sort(olderFirst)) {
    const lost = new Map<string, { keeper: Asker; listeners: Listener[] }>();
    const own = request.listeners.filter((listener) => {
      const keeper = taken.claim(request.app, listener);
      if (keeper === null) return true;
      // What the app already has, by labels of the other dialect, it does not miss.
      if (keeper === request.app && request.label !== 'ab_config') return false;
      const key = `${keeper} ${boundTo(listener)}`;
      const before = lost.get(key);
      if (before === undefined)
        lost.set(key, { keeper: askers.get(keeper) ?? { app: keeper }, listeners: [listener] });
      else before.listeners.push(listener);
      return false;
    });
    kept.set(request, own);
    for (const { keeper, listeners } of lost.values()) diagnostics.push(conflict(request, keeper, listeners));
  }
  return { kept, diagnostics };
}

/** By what never changes again while the app is a listener: scaling or correcting an app must not move a port. */
function olderFirst(a: Request, b: Request): number {
  return compare(a.since, b.since) || compare(a.app, b.app) || a.order - b.order;
}

function conflict(
  { app, gateway, label, value }: Request,
  keeper: Asker,
  [first, ...others]: readonly Listener[],
): Diagnostic {
  const bound = first === undefined ? '' : boundTo(first);
  const hosts = [first, ...others].flatMap((each) => each?.hosts ?? []);
  const listener = hosts.length === 0 ? bound : `${listed([...new Set(hosts)], 5)} on ${bound}`;
  const details = {
    listener,
    keeper: keeper.gateway === undefined ? `app ${keeper.app}` : `gateway ${keeper.gateway}`,
    app: gateway === undefined ? app : `gateway ${gateway}`,
  };
  return diagnose('listener-conflict', { app, label, value }, details);
}

function boundTo({ address, port }: Listener): string {
  const text = address ?? '*';
  return `${text.includes(':') ? `[${text}]` : text}:${port}`;
}
