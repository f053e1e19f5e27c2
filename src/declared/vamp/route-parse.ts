/** Reads one route of a gateway of Vamp. */
import { balanceOf } from '../marathon-lb/balance.ts';
import { show } from '../show.ts';
import type { Balance } from '../types.ts';
import { parseCondition } from './condition-parse.ts';
import type { ConditionFlaw } from './condition-words.ts';
import type { Condition } from './condition.ts';
import { isNothing, kindOf, membersOf, textIn, type VampFile } from './file.ts';
import { routeTable } from './gateway-keys.ts';
import { pathSegments, percentIn, targetIn } from './gateway-values.ts';
import type { GatewayRoute, RouteTarget } from './gateway.ts';
import { rewriteOf, wrongInRewrite } from './rewrite.ts';
import { parseSelector } from './selector.ts';
import type { YamlMember, YamlNode, YamlScalar } from './yaml-tree.ts';

/** A route whose weight may not be said. */
export type WrittenRoute = Omit<GatewayRoute, 'weight'> & { readonly weight: number | null };

const useNames = 'Baton keeps no parts of gateways by name: write the whole thing here.';
/** Null, and reported, when the path is none. */
export function readRoute(
  file: VampFile,
  { key, at, value: node }: YamlMember,
  isGrouped: boolean,
): WrittenRoute | null {
  const byPath = isGrouped ? groupIn(file, key, at) : targetIn(file, key, at);
  const path = isGrouped ? (pathSegments(key)?.join('/') ?? key) : key;
  if (!isNothing(node) && node.kind !== 'map') {
    const isWeight = node.kind === 'scalar' && /^\s*\d+\s*%?\s*$/.test(node.text);
    const remedy = isWeight ? `Write {weight: ${Number.parseInt(node.text, 10)}%}.` : useNames;
    file.say('route', node.at, `The route "${show(path)}" is ${kindOf(node)}.`, remedy);
    return null;
  }
  const members = isNothing(node) ? new Map<string, YamlNode>() : membersOf(file, node, routeTable, '');
  const selector = selectorIn(file, members.get('selector'), 'route');
  if (selector !== null) checkSelected(file, members.get('selector')?.at ?? at, byPath);
  const target: RouteTarget | null = selector === null ? byPath : { kind: 'selector', selector };
  const weight = percentIn(file, members.get('weight'), 'weight');
  const condition = conditionIn(file, members.get('condition'));
  const strength = percentIn(file, members.get('condition_strength'), 'condition strength');
  const balance = balanceIn(file, members.get('balance'));
  const rewrites = rewritesIn(file, members.get('rewrites'));
  if (target === null) return null;
  const conditionStrength = strength ?? (condition === null ? 0 : 100);
  return { path, target, weight, condition, conditionStrength, balance, rewrites };
}

/** A route that the gateway's selector makes, by its name; null, and reported, when it cannot make one of that name. */
function groupIn(file: VampFile, path: string, at: number): RouteTarget | null {
  if (pathSegments(path) !== null) return { kind: 'group' };
  file.say(
    'selector',
    at,
    `The route "${show(path)}" is no group that the gateway's selector can find.`,
    'Leave it out, or the selector.',
  );
  return null;
}

/** Null when there is none, and reported when it is not good. */
export function selectorIn(
  file: VampFile,
  node: YamlNode | undefined,
  use: 'gateway' | 'route',
): string | null {
  if (isNothing(node)) return null;
  const selector = textIn(file, node, 'selector', 'selector');
  if (selector === null || node.kind !== 'scalar') return null;
  const result = parseSelector(selector, use);
  if (!result.ok) sayFlaw(file, node, 'selector', result.flaw);
  return selector;
}

function checkSelected(file: VampFile, at: number, target: RouteTarget | null): void {
  if (target?.kind === 'group')
    file.say(
      'selector',
      at,
      'The gateway has a selector, and so its routes have none.',
      'Leave one of them out.',
    );
  else if (target !== null && !(target.kind === 'path' && target.segments.length === 1))
    file.say(
      'selector',
      at,
      'Only a route whose name has one part may have a selector.',
      'Name it such as old or new, or leave the selector out.',
    );
}

/** Says what is wrong in a text, and where in it. */
function sayFlaw(
  file: VampFile,
  { at, textAt }: YamlScalar,
  rule: 'condition' | 'selector',
  { offset, what, remedy }: ConditionFlaw,
): void {
  const where = textAt === null ? ` (at character ${offset + 1})` : '';
  file.say(rule, textAt === null ? at : textAt + offset, `In the ${rule} ${what}${where}.`, remedy);
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
  sayFlaw(file, node, 'condition', result.flaw);
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
