/** `baton update-gateway`: new weights for routes of a gateway, or a condition, in the flags of Vamp's command line. */
import { ConfigError } from '../config/error.ts';
import { nearest } from '../model/nearest.ts';
import { askFlags, parseVerbWords } from './flags.ts';
import { batonUrl } from './planning/ask-baton.ts';
import { write } from './text.ts';
import { shownGateway, type ShownGateway, type ShownRoute } from './vamp/artifact.ts';
import { askVamp, nameIn } from './vamp/ask.ts';
import { askHelp, paceFlags, paceHelp, queryOf } from './vamp/flags.ts';
import { say, sayRefused } from './vamp/show.ts';

const help = `usage: baton update-gateway NAME -w "ROUTE@70%,ROUTE@30%" [flags]
       baton update-gateway NAME -r ROUTE -c CONDITION [-s 50%] [flags]

Moves traffic between the routes of a gateway, or leads requests that meet a
condition to one of them. Routes that are not named keep what they have; all
weights together are 100 % or 0 %. A route is named by its path, or by a part of
it between slashes that no other route has.

  -w, --weights LIST      route@percent, with commas between them
  -r, --route ROUTE       the one that the condition is for
  -c, --condition TEXT    such as "User-Agent = Chrome"; null takes it away
  -s, --strength 50%      how many of those that meet it are led there (100%)
${paceHelp}
${askHelp}

exit codes
  0  done
  1  refused, with the reason; or there is no such gateway, or no Baton
  2  the command line makes no sense
`;

const flags = {
  ...askFlags,
  ...paceFlags,
  weights: { type: 'string', short: 'w' },
  route: { type: 'string', short: 'r' },
  condition: { type: 'string', short: 'c' },
  strength: { type: 'string', short: 's' },
  by: { type: 'string' },
} as const;

/** Exit codes as the help says. */
export async function updateGateway(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const { values, words } = parseVerbWords(argv, flags);
  if (values.help) {
    await write(help);
    return 0;
  }
  const [name, ...more] = words;
  if (name === undefined || more.length > 0) throw new ConfigError('one NAME of a gateway is to be given');
  const { weights, route, condition, strength } = values;
  if ((weights === undefined) === (route === undefined))
    throw new ConfigError('give either -w with weights, or -r with a route and -c or -s');
  if (weights !== undefined && (condition ?? strength) !== undefined)
    throw new ConfigError('-w goes without -c and -s: a condition is of one route, -r');
  if (route !== undefined && condition === undefined && strength === undefined)
    throw new ConfigError('-r needs -c with a condition (null takes it away), or -s with its strength');
  const url = batonUrl(values.baton, process.env['BATON_URL']);
  const path = nameIn('gateways', name);
  const found = await askVamp(url, { method: 'GET', path }, signal);
  if (!found.ok) return sayRefused('update-gateway', null, found, values.json);
  const gateway = shownGateway.parse(found.body);
  const routes =
    weights === undefined
      ? withCondition(gateway, route ?? '', condition, strength)
      : withWeights(gateway, weights);
  const body = JSON.stringify({ ...gateway, routes });
  const said = await askVamp(url, { method: 'PUT', path, query: queryOf(values, false), body }, signal);
  if (!said.ok) return sayRefused('update-gateway', null, said, values.json);
  if (values.json) await write(`${JSON.stringify(said.body, null, 2)}\n`);
  else await say([`gateway ${name}: ${sharesText(shownGateway.parse(said.body).routes)}`]);
  return 0;
}

type Routes = Readonly<Record<string, ShownRoute>>;

function sharesText(routes: Routes): string {
  return Object.entries(routes)
    .map(([path, { weight, condition, condition_strength: strength }]) => {
      const led = condition === null ? '' : ` (${strength} of those with ${condition.condition})`;
      return `${path} ${weight}${led}`;
    })
    .join(', ');
}

function withWeights({ routes }: ShownGateway, list: string): Routes {
  const next: Record<string, ShownRoute> = { ...routes };
  // The name of a group may hold commas: what ends a part stands behind its percentage.
  for (const part of list.split(/(?<=@\s*\d{1,3}\s*%?\s*),/)) {
    const [, name, digits] = /^\s*(.+)@\s*(\d{1,3})\s*%?\s*$/.exec(part) ?? [];
    if (name === undefined || !(Number(digits) <= 100))
      throw new ConfigError(
        `${JSON.stringify(part)} is no weight; it should be ROUTE@PERCENT, for example r1@70%`,
      );
    const { path, route } = routeOf(routes, name);
    next[path] = { ...route, weight: `${digits}%` };
  }
  const sum = Object.values(next).reduce((all, { weight }) => all + Number.parseInt(weight, 10), 0);
  if (sum === 0 || sum === 100) return next;
  throw new ConfigError(
    `all weights together would be ${sum} %, and should be 100 % or 0 %: ${sharesText(next)}`,
  );
}

function withCondition(
  { routes }: ShownGateway,
  name: string,
  condition: string | undefined,
  strength: string | undefined,
): Routes {
  const { path, route } = routeOf(routes, name);
  const isNone = condition === 'null' || condition === '';
  if (strength === undefined && isNone)
    return { ...routes, [path]: { ...route, condition: null, condition_strength: '0%' } };
  const own = condition === undefined ? route.condition : isNone ? null : { condition };
  const asked =
    strength?.replace(/%?$/, '%') ?? (route.condition === null ? '100%' : route.condition_strength);
  return { ...routes, [path]: { ...route, condition: own, condition_strength: asked } };
}

/** By its whole path, or by a part of it that is only in this one. */
function routeOf(routes: Routes, name: string): { readonly path: string; readonly route: ShownRoute } {
  const all = Object.entries(routes).map(([path, route]) => ({ path, route }));
  const isMeant = (path: string): boolean =>
    path === `[${name}]` || path === `(${name})` || path.split('/').includes(name);
  const exact = all.filter(({ path }) => path === name);
  const [found, another] = exact.length > 0 ? exact : all.filter(({ path }) => isMeant(path));
  if (found !== undefined && another === undefined) return found;
  if (another !== undefined)
    throw new ConfigError(`${name} may be ${all.map(({ path }) => path).join(' or ')}; write one whole`);
  const near = nearest(name, Object.keys(routes));
  const hint = near === null ? `there are ${Object.keys(routes).join(', ')}` : `did you mean ${near}?`;
  throw new ConfigError(`the gateway has no route ${name}; ${hint}`);
}
