/** Answers in YAML or JSON, as the request accepts them, and refusals that name lines. */
import type { IncomingMessage } from 'node:http';
import { stringify } from 'yaml';
import type { GatewayProblem } from '../../controller/gateway-problems.ts';
import { placeIn } from '../../declared/vamp/places.ts';
import type { Flaw } from '../../declared/vamp/yaml-tree.ts';
import { type Answer, json } from '../answer.ts';
import { BadRequestError } from '../body.ts';

/** JSON, unless YAML alone is asked for. */
export function artifacts(request: IncomingMessage, status: number, body: unknown): Answer {
  const accept = request.headers.accept ?? '';
  if (!accept.includes('yaml') || accept.includes('json')) return json(status, body);
  return { status, contentType: 'application/x-yaml; charset=utf-8', body: stringify(body) };
}

/**
 * The part of a list that is asked for, as Vamp counts pages: from 1 on, 30 on each; all of it when no part is.
 * @throws BadRequestError for what is no number
 */
export function pageOf<T>(query: URLSearchParams, all: readonly T[]): readonly T[] {
  const [page, size] = [countIn(query, 'page'), countIn(query, 'per_page')];
  if (page === null && size === null) return all;
  const first = ((page ?? 1) - 1) * (size ?? perPage);
  return all.slice(first, first + (size ?? perPage));
}

const perPage = 30;

function countIn(query: URLSearchParams, name: string): number | null {
  const text = query.get(name);
  if (text === null) return null;
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new BadRequestError(400, `${name} is ${JSON.stringify(text)}; it should be a number from 1 on`);
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
