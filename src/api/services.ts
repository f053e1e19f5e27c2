/** What is below /v1/services/: one service, and orders about it. */
import type { IncomingMessage } from 'node:http';
import type { ControllerState } from '../controller/state.ts';
import type { HistoryEntry } from '../model/history.ts';
import { appId, serviceOf, type ServiceId } from '../model/ids.ts';
import { type Answer, isoTime, json, problem } from './answer.ts';
import { isVerb, type Obey, orderAnswer, verbs } from './orders.ts';
import { serviceView } from './view.ts';

export const servicesPath = '/v1/services/';

type History = (service: ServiceId) => readonly HistoryEntry[];

/**
 * A service, or its history; where `/shop/history` is itself a service, that one.
 * @param path as it came, below {@link servicesPath}
 */
export function oneService(
  path: string,
  query: URLSearchParams,
  { services, realised }: ControllerState,
  history: History | undefined,
): Answer {
  const name = decoded(path.slice(servicesPath.length));
  if (name === null) return badPath(path);
  const id = serviceOf(appId(name));
  const service = services.find((each) => each.service === id);
  if (service !== undefined) return json(200, serviceView(service, realised.get(service.service)));
  const of = /^(.*[^/])\/+history\/*$/s.exec(path.slice(servicesPath.length))?.[1];
  if (of === undefined) return noService(id);
  const asked = serviceOf(appId(decoded(of) ?? ''));
  return historyAnswer(
    asked,
    query,
    history,
    services.some((each) => each.service === asked),
  );
}

function historyAnswer(
  service: ServiceId,
  query: URLSearchParams,
  history: History | undefined,
  isKnown: boolean,
): Answer {
  const text = query.get('limit') ?? '50';
  const limit = Number(text);
  if (!/^\d{1,4}$/.test(text) || limit < 1)
    return problem(400, `limit is ${JSON.stringify(text)}; it should be a whole number, 1 or more`);
  if (history === undefined) return problem(404, 'this Baton keeps no history: it is a shadow');
  const entries = history(service);
  if (entries.length === 0 && !isKnown) return noService(service);
  return json(200, {
    service,
    entries: entries
      .slice(-limit)
      .map(({ at, kind, text, facts }) => ({ at: isoTime(at), kind, text, facts })),
  });
}

function noService(id: ServiceId): Answer {
  return problem(404, `there is no service ${id}; GET /v1/services lists them`);
}

/** The last part is the verb, and all before it the service: an id may hold slashes, also encoded ones. */
export async function order(request: IncomingMessage, path: string, obey: Obey | undefined): Promise<Answer> {
  const rest = path.slice(servicesPath.length).replace(/\/+$/, '');
  const cut = rest.lastIndexOf('/');
  const [name, verb] = [decoded(rest.slice(0, Math.max(0, cut))), decoded(rest.slice(cut + 1))];
  if (name === null || verb === null) return badPath(path);
  if (!isVerb(verb) || appId(name) === '/') {
    return problem(404, `${path} is no order; POST /v1/services/ID/VERB, where VERB is ${verbs.join(', ')}`);
  }
  if (obey === undefined) return problem(409, 'this Baton takes no orders: it is a shadow');
  return orderAnswer(request, name, verb, obey);
}

function badPath(path: string): Answer {
  return problem(400, `${path} is no valid path: % must begin an encoded character`);
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
