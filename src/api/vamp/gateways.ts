/** The routes of Vamp's API about gateways. */
import type { IncomingMessage } from 'node:http';
import type { Controller } from '../../controller/controller.ts';
import { gatewayArtifact } from '../../declared/vamp/gateway-artifact.ts';
import { parseGateways } from '../../declared/vamp/gateway-parse.ts';
import type { Gateway } from '../../declared/vamp/gateway.ts';
import { type Answer, problem } from '../answer.ts';
import { yamlBody } from '../body.ts';
import { artifacts, flawed, nothing, pageOf, refused } from './answers.ts';
import { byWhom, isSet, paceOf } from './pace.ts';

export type GatewayKeeper = Pick<Controller, 'gateways' | 'changeGateways'>;

interface Gateways {
  readonly keeper: GatewayKeeper;
  readonly allowTemplates: boolean;
}

/** @param name null: all of them */
export async function gatewaysAnswer(
  request: IncomingMessage,
  name: string | null,
  query: URLSearchParams,
  vamp: Gateways,
): Promise<Answer> {
  const { keeper } = vamp;
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return name === null ? list(request, query, keeper) : one(request, name, keeper);
    case 'POST':
      return put(request, name, query, vamp);
    case 'PUT':
      return name === null ? notHere('PUT /api/v1/gateways/NAME') : put(request, name, query, vamp);
    case 'DELETE':
      return name === null ? notHere('DELETE /api/v1/gateways/NAME') : remove(request, name, query, keeper);
    default:
      return notHere('GET, PUT, POST and DELETE');
  }
}

function notHere(right: string): Answer {
  return problem(405, `that is not understood here; ${right} is`);
}

function list(request: IncomingMessage, query: URLSearchParams, { gateways }: GatewayKeeper): Answer {
  return artifacts(request, 200, pageOf(query, gateways()).map(gatewayArtifact));
}

function one(request: IncomingMessage, name: string, { gateways }: GatewayKeeper): Answer {
  const gateway = gateways().find((each) => each.name === name);
  if (gateway !== undefined) return artifacts(request, 200, gatewayArtifact(gateway));
  return problem(404, `there is no gateway ${name}; GET /api/v1/gateways lists them`);
}

async function put(
  request: IncomingMessage,
  name: string | null,
  query: URLSearchParams,
  { keeper, allowTemplates }: Gateways,
): Promise<Answer> {
  const pace = paceOf(query);
  const by = byWhom(query, request.socket.remoteAddress);
  const validateOnly = isSet(query, 'validate_only');
  const text = await yamlBody(request);
  const parsed = parseGateways(text, { allowTemplates });
  if (!parsed.ok) return flawed(400, parsed.flaws);
  const gateways = parsed.gateways.map((gateway): Gateway => ({ ...gateway, ...pace }));
  const other = gateways.find((gateway) => name !== null && gateway.name !== name);
  if (other !== undefined)
    return problem(400, `the gateway is called ${other.name}, and it is sent to ${String(name)}`);
  const answer = await keeper.changeGateways({ put: gateways, remove: [], by, validateOnly });
  if (answer.outcome === 'refused') return refused(text, answer.problems);
  const body = answer.gateways.map((gateway) => gatewayArtifact(gateway));
  const isNew = answer.created.length > 0 && !validateOnly;
  return artifacts(request, isNew ? 201 : 200, body.length === 1 ? body[0] : body);
}

async function remove(
  request: IncomingMessage,
  name: string,
  query: URLSearchParams,
  keeper: GatewayKeeper,
): Promise<Answer> {
  await yamlBody(request);
  const by = byWhom(query, request.socket.remoteAddress);
  const validateOnly = isSet(query, 'validate_only');
  const answer = await keeper.changeGateways({ put: [], remove: [name], by, validateOnly });
  return answer.outcome === 'refused' ? refused('', answer.problems) : nothing;
}
