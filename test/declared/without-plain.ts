/** Keeps golden files of declarations short. */
import { plainRollout } from '../../src/declared/rollout.ts';
import type { Gateway } from '../../src/declared/vamp/gateway.ts';
import { plainListener, plainReady, plainRules } from '../../src/declared/types.ts';

const plain: Readonly<Record<string, unknown>> = {
  ...plainListener(0, 0),
  ...plainRules,
  ...plainReady,
  rollout: plainRollout,
};
const always = new Set(['address', 'declaredPort', 'port', 'hosts', 'instances', 'forMs']);

/** For JSON: what is as it is when nothing is said does not stand in the files; nor do rules, of which none is said. */
export function withoutPlain(key: string, value: unknown): unknown {
  if (key === 'externals' && Array.isArray(value) && value.length === 0) return undefined;
  if (key === 'gateways' && Array.isArray(value)) return routesMade(value as readonly Gateway[]);
  if (key === 'rules') return JSON.stringify(value) === JSON.stringify(plainRules) ? undefined : value;
  if (!Object.hasOwn(plain, key) || always.has(key)) return value;
  return JSON.stringify(value) === JSON.stringify(plain[key]) ? undefined : value;
}

/** Of gateways only what their selectors make, with weights: all else was given. */
function routesMade(gateways: readonly Gateway[]): unknown {
  const made = gateways
    .filter(({ selector }) => selector !== undefined)
    .map(({ name, routes }) => [name, Object.fromEntries(routes.map(({ path, weight }) => [path, weight]))]);
  return made.length === 0 ? undefined : Object.fromEntries(made);
}
