/** Reads one route of a gateway of Vamp. */
import { balanceOf } from '../marathon-lb/balance.ts';
import { show } from '../show.ts';
import type { Balance } from '../types.ts';
import { parseCondition } from './condition-parse.ts';
import type { Condition } from './condition.ts';
import { isNothing, kindOf, membersOf, textIn, type VampFile } from './file.ts';
import { routeTable } from './gateway-keys.ts';
import { percentIn, targetIn } from './gateway-values.ts';
import type { GatewayRoute } from './gateway.ts';
import { rewriteOf, wrongInRewrite } from './rewrite.ts';
import type { YamlMember, YamlNode } from './yaml-tree.ts';

/** A route whose weight may not be said. */
export type WrittenRoute = Omit<GatewayRoute, 'weight'> & { readonly weight: number | null };

const useNames = 'Baton keeps no parts of gateways by name: write the whole thing here.';
/** Instead of a selector. */
const routesByHand =
  'Write one route for each app instead: its id, its VIP as "[name.marathon.l4lb.thisdcos.directory:80]", or "[host:port]".';

/** Reports a selector, which Baton has none of. */
export function refuseSelector(file: VampFile, members: ReadonlyMap<string, YamlNode>): void {
  const node = members.get('selector');
  if (!isNothing(node))
    file.say('selector', node.at, 'Baton does not find routes by a selector.', routesByHand);
}

/** Null, and reported, when the path is none. */
export function readRoute(file: VampFile, { key: path, at, value: node }: YamlMember): WrittenRoute | null {
  const target = targetIn(file, path, at);
  if (!isNothing(node) && node.kind !== 'map') {
    const isWeight = node.kind === 'scalar' && /^\s*\d+\s*%?\s*$/.test(node.text);
    const remedy = isWeight ? `Write {weight: ${Number.parseInt(node.text, 10)}%}.` : useNames;
    file.say('route', node.at, `The route "${show(path)}" is ${kindOf(node)}.`, remedy);
    return null;
  }
  const members = isNothing(node) ? new Map<string, YamlNode>() : membersOf(file, node, routeTable, '');
  refuseSelector(file, members);
  const weight = percentIn(file, members.get('weight'), 'weight');
  const condition = conditionIn(file, members.get('condition'));
  const strength = percentIn(file, members.get('condition_strength'), 'condition strength');
  const balance = balanceIn(file, members.get('balance'));
  const rewrites = rewritesIn(file, members.get('rewrites'));
  if (target === null) return null;
  const conditionStrength = strength ?? (condition === null ? 0 : 100);
  return { path, target, weight, condition, conditionStrength, balance, rewrites };
}

function conditionIn(file: VampFile, node: YamlNode | undefined): Condition | null {
  if (isNothing(node)) return null;
  if (node.kind === 'map') {
    const references = node.members.filter(({ key }) => key === 'reference' || key === 'ref');
    for (const { at } of references) file.say('reference', at, 'The condition is kept elsewhere.', useNames);
    if (references.length > 0) return null;
    return conditionIn(file, membersOf(file, node, routeTable, 'condition').get('condition'));
  }
  const text = textIn(file, node, 'condition', 'condition');
  if (text === null || node.kind !== 'scalar' || text.trim() === '') return null;
  const result = parseCondition(text, file.options);
  if (result.ok) return result.condition;
  const { offset, what, remedy } = result.flaw;
  const where = node.textAt === null ? ` (at character ${offset + 1})` : '';
  file.say(
    'condition',
    node.textAt === null ? node.at : node.textAt + offset,
    `In the condition ${what}${where}.`,
    remedy,
  );
  return null;
}

function balanceIn(file: VampFile, node: YamlNode | undefined): Balance | null {
  if (isNothing(node)) return null;
  const text = textIn(file, node, 'balance', 'balance');
  if (text === null || text === 'default') return null;
  const balance = balanceOf(text);
  const right = 'Write roundrobin, leastconn, source, or default.';
  if (balance === null) file.say('balance', node.at, `HAProxy has no balance ${kindOf(node)}.`, right);
  else if (balance !== text.trim())
    file.note('balance', node.at, `Baton has no ${show(text)}; ${balance} comes nearest.`, right);
  return balance;
}

function rewritesIn(file: VampFile, node: YamlNode | undefined): GatewayRoute['rewrites'] {
  if (isNothing(node)) return [];
  const rewrites = (node.kind === 'list' ? node.items : [node]).flatMap((item) => {
    if (item.kind !== 'map') {
      file.say('reference', item.at, `The rewrite is ${kindOf(item)}.`, useNames);
      return [];
    }
    const written = membersOf(file, item, routeTable, 'rewrites[]').get('path');
    const text = isNothing(written) ? '' : textIn(file, written, 'rewrite', 'path');
    if (text === null) return [];
    const rewrite = rewriteOf(text);
    const wrong = rewrite === null ? null : wrongInRewrite(rewrite);
    if (rewrite !== null && wrong === null) return [rewrite];
    const problem =
      wrong === null
        ? `Unsupported path rewrite: "${show(text)}".`
        : `The path rewrite "${show(text)}" ${wrong}.`;
    file.say('rewrite', written?.at ?? item.at, problem, 'Write path: "NEW if CONDITION".');
    return [];
  });
  if (rewrites.length > 0 && !file.options.allowTemplates)
    file.note(
      'rewrite',
      node.at,
      "Baton does not change paths: rewrites are HAProxy's own words.",
      'Let the app take the path as clients send it, or start Baton with --allow-templates.',
    );
  return rewrites;
}
