/** Baton's memory in the store: what the planner and the reading of labels must be told again after a restart. */
import { z } from 'zod';
import type { RememberedApp } from '../declared/types.ts';
import { type Memory, emptyMemory } from '../plan/verdict.ts';
import type { Store } from '../store/store.ts';

export interface Remembered {
  readonly apps: readonly RememberedApp[];
  readonly plan: Memory;
}

const nothing: Remembered = { apps: [], plan: emptyMemory };

const PoolMemory = z.object({
  app: z.string(),
  slot: z.string().regex(/^[a-z]+$/),
  side: z.enum(['A', 'B']),
  readySince: z.number().nullable(),
  drainingSince: z.number().nullable(),
  enteredAs: z.string().nullable(),
});

const Parts = z.object({
  apps: z.array(
    z.object({
      app: z.string(),
      labels: z.record(z.string(), z.string()),
      servicePorts: z.array(z.number()),
      configuredAt: z.string(),
      listenerSince: z.string().nullable(),
    }),
  ),
  plan: z.object({
    services: z.array(
      z.object({ service: z.string(), nextSide: z.enum(['A', 'B']), pools: z.array(PoolMemory) }),
    ),
  }),
});

/** What is in the document but is not what this version wrote is reported and counts as nothing. */
export async function loadMemory(store: Store, onDamaged: (problem: string) => void): Promise<Remembered> {
  const document = await store.load();
  if (document === null) return nothing;
  const parsed = Parts.safeParse(document.parts);
  if (parsed.success) return parsed.data as unknown as Remembered;
  onDamaged(z.prettifyError(parsed.error));
  return nothing;
}

export async function saveMemory(store: Store, remembered: Remembered): Promise<void> {
  await store.save({ version: 1, parts: { apps: remembered.apps, plan: remembered.plan } });
}
