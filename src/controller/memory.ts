/** Baton's memory in the store: what the planner and the reading of labels must be told again after a restart. */
import { z } from 'zod';
import { parseRemembered } from '../declared/remembered.ts';
import type { RememberedApp } from '../declared/types.ts';
import { gatewaysFrom } from './gateway-schema.ts';
import { transitionParts } from './transition-schema.ts';
import { emptyMemory, type Memory } from '../plan/verdict.ts';
import type { Gateway } from '../declared/vamp/gateway.ts';
import type { Store } from '../store/store.ts';

export interface Remembered {
  readonly apps: readonly RememberedApp[];
  readonly plan: Memory;
  readonly gateways: readonly Gateway[];
}

const nothing: Remembered = { apps: [], plan: emptyMemory, gateways: [] };

const PoolMemory = z.object({
  app: z.string().startsWith('/'),
  slot: z.string().regex(/^[a-z]{1,3}$/),
  side: z.enum(['A', 'B']),
  readySince: z.number().nullable(),
  drainingSince: z.number().nullable(),
  enteredAs: z.string().nullable(),
  completeAs: z.string().nullable(),
  seenAs: z.string().nullable(),
  waitingSince: z.number().nullable(),
});

const PlanMemory = z.object({
  services: z.array(
    z.object({
      service: z.string().startsWith('/'),
      nextSide: z.enum(['A', 'B']),
      pools: z.array(PoolMemory),
      ...transitionParts,
    }),
  ),
});

/** What is in the document but is not what Baton writes is kept aside and counts as nothing. */
export async function loadMemory(store: Store): Promise<Remembered> {
  const document = await store.load();
  if (document === null) return nothing;
  const problems: string[] = [];
  const plan = PlanMemory.safeParse(document.parts['plan']);
  if (!plan.success) problems.push(z.prettifyError(plan.error));
  const gateways = gatewaysFrom(document.parts['gateways'], (problem) => problems.push(problem));
  if (problems.length > 0) await store.keepAside(problems.join('; '));
  return {
    apps: parseRemembered(document.parts['apps']),
    plan: plan.success ? (plan.data as unknown as Memory) : emptyMemory,
    gateways,
  };
}

export async function saveMemory(store: Store, remembered: Remembered): Promise<void> {
  await store.save({ version: 1, parts: { ...remembered } });
}
