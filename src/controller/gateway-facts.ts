/** What is to be told of gateways that people have changed, or whose selectors make other routes. */
import { isDeepStrictEqual } from 'node:util';
import { gatewayId } from '../declared/vamp/gateway-listeners.ts';
import type { Gateway } from '../declared/vamp/gateway.ts';
import { type ServiceId, serviceOf } from '../model/ids.ts';
import type { GatewayFact } from '../observe/gateway-facts.ts';
import type { GatewayAnswer, GatewayChange } from './gateways.ts';

type Changed = Extract<GatewayFact, { kind: 'gateway-changed' }>;

/** One for each gateway that the change was about. */
export function changedFacts(
  { put, remove, by }: GatewayChange,
  all: readonly Gateway[],
  answer: GatewayAnswer,
): readonly Changed[] {
  const before = new Map(all.map((each) => [each.name, each]));
  const kind = 'gateway-changed';
  if (answer.outcome === 'refused') {
    const problems = answer.problems.map(({ problem }) => problem);
    return [...put.map(({ name }) => name), ...remove].map((name): Changed => {
      const gateway = before.get(name) ?? null;
      return { kind, service: idOf(name), by, outcome: 'refused', gateway, problems };
    });
  }
  return [
    ...answer.gateways.map((gateway): Changed => {
      const old = before.get(gateway.name);
      const isSame = isDeepStrictEqual(old, gateway);
      const outcome = old === undefined ? 'created' : isSame ? 'unchanged' : 'changed';
      return { kind, service: idOf(gateway.name), by, outcome, gateway, problems: [] };
    }),
    ...answer.removed.map(
      (name): Changed => ({ kind, service: idOf(name), by, outcome: 'deleted', gateway: null, problems: [] }),
    ),
  ];
}

/** One for each gateway that has other routes than before. */
export function regroupedFacts(all: readonly Gateway[], next: readonly Gateway[]): readonly GatewayFact[] {
  const before = new Map(all.map((each) => [each.name, each]));
  return next.flatMap((gateway): readonly GatewayFact[] => {
    const [was, is] = [pathsOf(before.get(gateway.name)), pathsOf(gateway)];
    const came = is.filter((path) => !was.includes(path));
    const gone = was.filter((path) => !is.includes(path));
    if (came.length + gone.length === 0) return [];
    return [{ kind: 'gateway-regrouped', service: idOf(gateway.name), came, gone, gateway }];
  });
}

function pathsOf(gateway: Gateway | undefined): readonly string[] {
  return gateway?.routes.map(({ path }) => path) ?? [];
}

function idOf(gateway: string): ServiceId {
  return serviceOf(gatewayId(gateway));
}
