/** Answers in YAML or JSON, as the request accepts them, and refusals that name lines. */
import type { IncomingMessage } from 'node:http';
import { stringify } from 'yaml';
import type { GatewayProblem } from '../../controller/gateway-problems.ts';
import { placeIn } from '../../declared/vamp/places.ts';
import type { Flaw } from '../../declared/vamp/yaml-tree.ts';
import { type Answer, json } from '../answer.ts';

/** JSON, unless YAML alone is asked for. */
export function artifacts(request: IncomingMessage, status: number, body: unknown): Answer {
  const accept = request.headers.accept ?? '';
  if (!accept.includes('yaml') || accept.includes('json')) return json(status, body);
  return { status, contentType: 'application/x-yaml; charset=utf-8', body: stringify(body) };
}

export const nothing: Answer = { status: 204, contentType: 'application/json; charset=utf-8', body: '' };

/** What is wrong with a file; the first is the message, for those who read no more. */
export function flawed(status: number, flaws: readonly Flaw[]): Answer {
  const [first] = flaws;
  const message =
    first === undefined ? 'it is not right' : `line ${first.line}: ${first.problem} ${first.remedy}`;
  return json(status, { message, errors: flaws });
}

/** What stands against it in the cluster as it is, with the places in the file. */
export function refused(text: string, problems: readonly GatewayProblem[]): Answer {
  const isForNow = problems.every(({ rule }) => rule === 'not-now');
  const flaws = problems.map(({ gateway, route, rule, problem, remedy }): Flaw => {
    const place = placeIn(text, gateway, route, rule === 'port' ? 'port' : 'name');
    return { ...place, rule, problem, remedy };
  });
  return flawed(isForNow ? 503 : 400, flaws);
}
