/** What is below /v1/services/: one service, and orders about it. */
import type { IncomingMessage } from 'node:http';
import type { ControllerState } from '../controller/state.ts';
import { appId } from '../model/ids.ts';
import { type Answer, json, problem } from './answer.ts';
import { isVerb, type Obey, orderAnswer, verbs } from './orders.ts';
import { serviceView } from './view.ts';

export const servicesPath = '/v1/services/';

/** @param path as it came, below {@link servicesPath} */
export function oneService(path: string, { services, realised }: ControllerState): Answer {
  const name = decoded(path.slice(servicesPath.length));
  if (name === null) return badPath(path);
  const id = appId(name);
  const service = services.find((each) => each.service === String(id));
  if (service === undefined) return problem(404, `there is no service ${id}; GET /v1/services lists them`);
  return json(200, serviceView(service, realised.get(service.service)));
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
