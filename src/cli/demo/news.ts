/** What changed between two looks at the service, as one line each. */
import { nameOf } from '../../plan/reasons.ts';
import type { PoolView, ServiceView } from './baton-view.ts';

/** Pools that came, went, or changed their weight, state or reason. */
export function news(before: ServiceView | null, after: ServiceView | null): readonly string[] {
  const known = new Map(before?.pools.map((pool) => [pool.app, pool]));
  const now = after?.pools ?? [];
  const gone = [...known.keys()].filter((app) => now.every((pool) => pool.app !== app));
  return [
    ...now.filter((pool) => differs(known.get(pool.app), pool)).map(line),
    ...gone.map((app) => `${nameOf(app)} is gone`),
  ];
}

function differs(before: PoolView | undefined, after: PoolView): boolean {
  return (
    before === undefined ||
    before.weight !== after.weight ||
    before.state !== after.state ||
    before.because.code !== after.because.code
  );
}

function line(pool: PoolView): string {
  return `${nameOf(pool.app)} ${pool.weight} %, ${pool.state}: ${pool.because.text}`;
}
