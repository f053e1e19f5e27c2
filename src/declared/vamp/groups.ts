/** The routes that a gateway's selector makes: which there are, and what each of them weighs. */
import type { App } from '../../model/app.ts';
import type { AppId } from '../../model/ids.ts';
import { groupsOf } from './finding.ts';
import type { Gateway, GatewayRoute } from './gateway.ts';

/** The same array, and the same gateways, where no route comes or goes. */
export function withGroups(gateways: readonly Gateway[], apps: ReadonlyMap<AppId, App>): readonly Gateway[] {
  const next = gateways.map((gateway) => grouped(gateway, apps));
  return next.every((gateway, index) => gateway === gateways[index]) ? gateways : next;
}

/**
 * As Vamp has it: of the groups that are new, the first by name gets what nobody has, the others nothing; what a group
 * that is gone leaves is shared by those that have a weight, in proportion.
 */
function grouped(gateway: Gateway, apps: ReadonlyMap<AppId, App>): Gateway {
  const { selector, routes } = gateway;
  if (selector === undefined) return gateway;
  const names = [...groupsOf(selector, apps).keys()];
  const kept = routes.filter(({ path }) => names.includes(path));
  const fresh = names.filter((name) => !routes.some(({ path }) => path === name));
  if (fresh.length === 0 && kept.length === routes.length) return gateway;
  const free = 100 - sumOf(kept);
  const made = fresh.map((path, index) => ({ ...plain, path, weight: index === 0 ? free : 0 }));
  return { ...gateway, routes: [...scaled(kept, fresh.length > 0 ? sumOf(kept) : 100), ...made] };
}

const plain = {
  target: { kind: 'group' },
  condition: null,
  conditionStrength: 0,
  balance: null,
  rewrites: [],
} as const;

/** Whole percent that sum to the total, the last of them with what does not divide; as they are when none has any. */
function scaled(routes: readonly GatewayRoute[], total: number): readonly GatewayRoute[] {
  const sum = sumOf(routes);
  if (sum === 0 || sum === total) return routes;
  const last = routes.findLastIndex(({ weight }) => weight > 0);
  const floors = routes.map(({ weight }) => Math.floor((weight * total) / sum));
  const rest = total - floors.reduce((all, each) => all + each, 0);
  return routes.map((route, index) => ({
    ...route,
    weight: (floors[index] ?? 0) + (index === last ? rest : 0),
  }));
}

function sumOf(routes: readonly GatewayRoute[]): number {
  return routes.reduce((sum, { weight }) => sum + weight, 0);
}
