/** Which ports are pools of one service: those that claim the same place, or are of one deployment group. */
import { diagnose } from '../diagnostics.ts';
import type { Diagnostic } from '../types.ts';
import { contradictions, same } from './contradictions.ts';
import { byName, groupKey, type Node, olderFirst } from './node.ts';
import { type Declared, type Pooling, poolingsOf } from './pooling.ts';
import { connected } from './union.ts';

/** The ports behind one service. */
export interface Component {
  /** Sorted by app; each app at most once. */
  readonly nodes: readonly Node[];
  /** What contradictory labels are decided by: the highest priority, then the oldest app. */
  readonly decider: Node;
  readonly poolings: ReadonlyMap<Node, Pooling>;
  /** What is left of the claims, by key: who makes them. */
  readonly claimants: ReadonlyMap<string, readonly Node[]>;
}

export function connectedNodes(nodes: readonly Node[]): readonly (readonly Node[])[] {
  return connected(nodes, keysOf);
}

function keysOf(node: Node): readonly string[] {
  const keys = node.claims.map(({ key }) => key);
  const group = groupKey(node);
  return group === null ? keys : [...keys, `group ${group}`];
}

/**
 * The services' ports. One that cannot go together with the others of its service is one of its own, at the places that
 * only it claims, and is told: a second port of the same app; one of another mode; one that asks for a password, or
 * keeps strangers out, otherwise than the one that decides.
 */
export function componentsOf(
  sets: readonly (readonly Node[])[],
  declaredBy: (node: Node) => Declared,
): { readonly components: readonly Component[]; readonly diagnostics: readonly Diagnostic[] } {
  const components: Component[] = [];
  const diagnostics: Diagnostic[] = [];
  const waiting = sets.toReversed();
  for (let nodes = waiting.pop(); nodes !== undefined; nodes = waiting.pop()) {
    const poolings = poolingsOf(nodes, declaredBy);
    const decider = deciderOf(nodes, poolings);
    const outcasts = outcastsOf(nodes, decider);
    const claimants = claimantsOf(nodes);
    if (outcasts.size === 0) {
      diagnostics.push(...contradictions(nodes, decider));
      components.push({ nodes, decider, poolings, claimants });
      continue;
    }
    for (const [node, outcast] of outcasts) {
      const left = new Map([...claimants].filter(([, by]) => by.length === 1 && by[0] === node));
      const own = { ...node, claims: node.claims.filter(({ key }) => left.has(key)), group: null };
      const kept = claimantsOf([own]);
      diagnostics.push(cannotShare(node, outcast, kept.size > 0));
      const alone = poolingsOf([own], () => declaredBy(node));
      if (kept.size > 0) components.push({ nodes: [own], decider: own, poolings: alone, claimants: kept });
    }
    waiting.push(...connectedNodes(nodes.filter((node) => !outcasts.has(node))));
  }
  return { components, diagnostics };
}

function deciderOf(nodes: readonly Node[], poolings: ReadonlyMap<Node, Pooling>): Node {
  const priority = (node: Node): number => {
    const pooling = poolings.get(node);
    return pooling?.joins ?? pooling?.priority ?? 0;
  };
  return nodes.reduce((a, b) => ((priority(b) - priority(a) || olderFirst(a, b)) > 0 ? b : a));
}

type Why = 'port' | 'mode' | 'password' | 'networks';

interface Outcast {
  readonly why: Why;
  /** With which port it cannot go together. */
  readonly other: Node;
}

/** Second ports first: what is left may have another one who decides. */
function outcastsOf(nodes: readonly Node[], decider: Node): ReadonlyMap<Node, Outcast> {
  const outcasts = new Map<Node, Outcast>();
  const lowest = new Map<string, Node>();
  for (const node of [...nodes].sort(byName)) {
    const other = lowest.get(node.app.id);
    if (other === undefined) lowest.set(node.app.id, node);
    else outcasts.set(node, { why: 'port', other });
  }
  if (outcasts.size > 0) return outcasts;
  for (const node of nodes) {
    const why = differsIn(node, decider);
    if (why !== null) outcasts.set(node, { why, other: decider });
  }
  return outcasts;
}

/** Colours of one deployment group have agreed to share, whatever the newer one changes. */
function differsIn(node: Node, decider: Node): Why | null {
  if (node.group !== null && groupKey(node) === groupKey(decider)) return null;
  if (node.mode !== decider.mode) return 'mode';
  if (!same(node.rules.auth, decider.rules.auth)) return 'password';
  return same(node.rules.allowedNetworks, decider.rules.allowedNetworks) ? null : 'networks';
}

function claimantsOf(nodes: readonly Node[]): ReadonlyMap<string, readonly Node[]> {
  const claimants = new Map<string, Node[]>();
  for (const node of [...nodes].sort(byName)) {
    for (const { key } of node.claims) {
      const by = claimants.get(key);
      if (by === undefined) claimants.set(key, [node]);
      else if (by.at(-1) !== node) by.push(node);
    }
  }
  return claimants;
}

function cannotShare(node: Node, { why, other }: Outcast, hasOwn: boolean): Diagnostic {
  const about = { app: node.app.id, label: node.label, value: node.value };
  return diagnose('service-not-shared', about, {
    index: String(node.index),
    other: why === 'port' ? `port ${other.index}` : other.app.id,
    why: whyNot(node, why, other),
    instead: hasOwn ? 'it is served only where nobody else is' : 'it is not served',
  });
}

/** A password is not shown, and networks may be many. */
function whyNot({ mode }: Node, why: Why, other: Node): string {
  if (why === 'port') return 'an app has one pool in a service';
  if (why === 'mode') return `its mode is ${mode}, and there it is ${other.mode}`;
  return why === 'password' ? 'its password is another' : 'its networks are others';
}
