/** The paths of Vamp's API that pipelines used: /api/v1/gateways and /api/v1/deployments. */
import type { IncomingMessage } from 'node:http';
import type { Deployments } from '../../controller/deployments.ts';
import { insteadOf } from '../../declared/vamp/unsupported.ts';
import { type Answer, problem } from '../answer.ts';
import { deploymentsAnswer } from './deployments.ts';
import { type GatewayKeeper, gatewaysAnswer } from './gateways.ts';
import { vampPath } from './path.ts';

const parts =
  'deploy the blueprint with other instances or weights, or change the gateway DEPLOYMENT/CLUSTER/PORT';

export interface VampApi {
  readonly keeper: GatewayKeeper;
  readonly deployments: Deployments;
  /** Whether conditions and rewrites may be HAProxy's own words. */
  readonly allowTemplates: boolean;
}

/** @param vamp undefined: this Baton carries nothing */
export async function vampAnswer(
  request: IncomingMessage,
  { pathname, searchParams }: URL,
  vamp: VampApi | undefined,
): Promise<Answer> {
  const [kind = '', ...rest] = pathname.slice(vampPath.length).replace(/\/+$/, '').split('/');
  // A name has its slashes as they are, or encoded as Vamp wants them.
  const name = rest.length === 0 ? null : decoded(rest.join('/'));
  if (name === '') return problem(400, `${pathname} is no valid path: % must begin an encoded character`);
  if (kind !== 'gateways' && kind !== 'deployments') {
    const instead = insteadOf(kind);
    return instead === null
      ? problem(404, `nothing is served at ${pathname}; try /api/v1/gateways or /api/v1/deployments`)
      : problem(404, `Baton has no ${kind} as Vamp had them. ${instead}`);
  }
  if (kind === 'deployments' && rest.slice(1).includes('clusters'))
    return problem(404, `nothing is served at ${pathname}; ${parts}`);
  if (vamp === undefined) return problem(409, 'this Baton keeps no gateways: it is a shadow');
  return kind === 'gateways'
    ? gatewaysAnswer(request, name, searchParams, vamp)
    : deploymentsAnswer(request, name, searchParams, vamp);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
