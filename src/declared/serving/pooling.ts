/** How each port takes part in its service: priority, weight, and what it must be to enter. */
import type { App } from '../../model/app.ts';
import { type MemberIntent, plainMember } from '../intent.ts';
import type { PlainLabels } from '../plain-labels.ts';
import { type DeclaredPool, plainReady, type ReadyRule } from '../types.ts';
import { groupKey, type Node } from './node.ts';

export type Pooling = Pick<
  DeclaredPool,
  'priority' | 'weight' | 'ready' | 'failover' | 'drain' | 'rollout' | 'joins'
>;

/** Without any health check, "running" must last this long to count as ready. */
export const uncheckedForMs = 10_000;

/** Nobody waits: an instance serves as soon as it is up. */
const atOnce: ReadyRule = { ...plainReady, instances: { count: 1 }, withinMs: null };

/** What is declared about a port's pool, if anything is. */
export interface Declared {
  readonly member: MemberIntent;
  readonly isDeclared: boolean;
}

/** What `ab_config` says, else the plain labels. */
export function declaredOf(node: Node, entry: MemberIntent | undefined, plain: PlainLabels): Declared {
  if (entry !== undefined) return { member: entry, isDeclared: saysAnything(entry) };
  const { priority, weight } = plain;
  const member = { ...plainMember(node.app.id), priority: priority ?? 0, weight };
  return { member, isDeclared: priority !== null || weight !== null };
}

function saysAnything(entry: MemberIntent): boolean {
  const plain = plainMember(entry.service);
  return (
    entry.priority !== plain.priority ||
    entry.weight !== null ||
    entry.forMs !== null ||
    JSON.stringify([entry.ready, entry.rollout]) !== JSON.stringify([plain.ready, plain.rollout])
  );
}

/**
 * The pooling of each node of a service. Where nothing is declared each instance gets an equal part; in a blue/green
 * deployment until the newer colour has reached its target, from when on it serves alone.
 */
export function poolingsOf(
  nodes: readonly Node[],
  declaredBy: (node: Node) => Declared,
): ReadonlyMap<Node, Pooling> {
  const poolings = new Map<Node, Pooling>();
  for (const node of nodes) poolings.set(node, poolingOf(node.app, declaredBy(node)));
  for (const colours of deploymentsIn(nodes)) {
    if (colours.some((node) => declaredBy(node).isDeclared)) continue;
    const newest = colours.reduce((a, b) => (isNewer(b, a) ? b : a));
    const pooling = poolings.get(newest);
    if (pooling === undefined || !cutsOver(newest)) continue;
    const target = newest.deployment?.targetInstances ?? null;
    poolings.set(newest, {
      ...pooling,
      priority: pooling.priority + 1,
      ready: {
        ...atOnce,
        instances: target === null ? { percent: 100 } : { count: Math.max(1, target) },
      },
      joins: pooling.priority,
    });
  }
  return poolings;
}

/** The pooling of an app that names the service. */
export function poolingOfMember(app: App, member: MemberIntent): Pooling {
  return poolingOf(app, { member, isDeclared: saysAnything(member) });
}

function poolingOf(app: App, { member, isDeclared }: Declared): Pooling {
  const { priority, weight, failover, drain, rollout } = member;
  const forMs = member.forMs ?? (app.healthChecks.length === 0 ? uncheckedForMs : 0);
  const ready = isDeclared ? { ...member.ready, forMs } : atOnce;
  return { priority, weight, ready, failover, drain, rollout };
}

function deploymentsIn(nodes: readonly Node[]): readonly (readonly Node[])[] {
  const groups = new Map<string, Node[]>();
  for (const node of nodes) {
    const key = groupKey(node);
    if (key !== null) groups.set(key, [...(groups.get(key) ?? []), node]);
  }
  return [...groups.values()].filter((colours) => colours.length > 1);
}

/** With new instances beside the old ones both colours are to stay; and without zdd.py's labels nobody deploys. */
function cutsOver({ deployment }: Node): boolean {
  if (deployment === null || (deployment.newInstances ?? 0) > 0) return false;
  return deployment.startedAt !== null || deployment.targetInstances !== null;
}

/** By what scaling does not change: marathon-lb's own order did, and drained the new colour for it. */
function isNewer(a: Node, b: Node): boolean {
  const [at, bt] = [startOf(a), startOf(b)];
  if (at !== bt) return at > bt;
  const [av, bv] = [a.app.lastConfigChangeAt, b.app.lastConfigChangeAt];
  return av === bv ? a.app.id > b.app.id : av > bv;
}

function startOf({ deployment }: Node): number {
  return deployment?.startedAt ?? Number.NEGATIVE_INFINITY;
}
