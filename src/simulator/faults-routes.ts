/** The control API of bad days, under /_sim/faults. */
import type { Faults } from './faults.ts';
import type { FaultOrder } from './faults-schema.ts';
import { type Answer, type Exchange, readBody } from './http-answer.ts';
import { parseJson } from './parse.ts';

/**
 * `rest` are the path's segments after /_sim/faults: none, or a fault's name.
 * @returns null when there is no such route @throws ApiError
 */
export async function routeFaults(
  faults: Faults,
  exchange: Exchange,
  rest: readonly string[],
): Promise<Answer | null> {
  const [id] = rest;
  if (rest.length > 1) return null;
  switch (exchange.method) {
    case 'GET':
      return id === undefined ? listed(faults) : null;
    case 'PUT': {
      const json = parseJson(await readBody(exchange.request));
      faults.set((id === undefined ? json : { ...(json as object), id }) as FaultOrder);
      return listed(faults);
    }
    case 'DELETE':
      faults.clear(id);
      return listed(faults);
    default:
      return null;
  }
}

function listed(faults: Faults): Answer {
  return { status: 200, body: { faults: faults.list() } };
}
