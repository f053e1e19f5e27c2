/** Services as they are shown: those of a plan made here, and those that a running Baton tells of. */
import { z } from 'zod';
import { because, type ShownTransitions, shownTransitions } from './shown-transitions.ts';

interface Because {
  readonly code: string;
  readonly text: string;
}

interface ShownEndpoint {
  readonly host: string;
  readonly port: number;
  readonly rotation: string;
  readonly health: string;
  readonly probed: string;
}

export interface ShownPool {
  readonly app: string;
  readonly priority: number;
  readonly declaredWeight: number | null;
  /** Percent. */
  readonly weight: number;
  /** The same as measured; null where nothing was. */
  readonly realised: number | null;
  readonly state: string;
  readonly aborted: boolean;
  readonly because: Because;
  readonly slot: string;
  readonly side: string;
  readonly sessions: number;
  readonly endpoints: readonly ShownEndpoint[];
}

export interface ShownService extends ShownTransitions {
  readonly service: string;
  readonly phase: string;
  readonly because: Because;
  readonly listener: {
    readonly app: string;
    readonly gone: boolean;
    readonly binds: readonly {
      readonly address: string | null;
      readonly port: number;
      readonly hosts: readonly string[];
      readonly mode: string;
      readonly paths: readonly string[];
      readonly tls: boolean;
      readonly only: string | null;
    }[];
  };
  /** The highest priority first. */
  readonly pools: readonly ShownPool[];
}

export interface ShownDiagnostic {
  readonly code: string;
  readonly severity: string;
  readonly app: string | null;
  readonly label: string | null;
  readonly value: string | null;
  readonly problem: string;
  readonly remedy: string;
}

// Another Baton may say more than this; what it says more is kept, for `--json`.
const endpoint = z.looseObject({
  host: z.string(),
  port: z.number(),
  rotation: z.string(),
  health: z.string(),
  probed: z.string(),
});

const pool = z.looseObject({
  app: z.string(),
  priority: z.number(),
  declaredWeight: z.number().nullable(),
  weight: z.number(),
  realised: z.number().nullable(),
  state: z.string(),
  aborted: z.boolean().default(false),
  because,
  slot: z.string(),
  side: z.string(),
  sessions: z.number(),
  endpoints: z.array(endpoint),
});

const bind = z.looseObject({
  address: z.string().nullable(),
  port: z.number(),
  hosts: z.array(z.string()),
  mode: z.string().default('http'),
  paths: z.array(z.string()).default([]),
  tls: z.boolean().default(false),
  only: z.string().nullable().default(null),
});

export const shownService: z.ZodType<ShownService> = z.looseObject({
  service: z.string(),
  phase: z.string(),
  because,
  listener: z.looseObject({ app: z.string(), gone: z.boolean(), binds: z.array(bind) }),
  pools: z.array(pool),
  ...shownTransitions,
});

export const shownDiagnostic: z.ZodType<ShownDiagnostic> = z.looseObject({
  code: z.string(),
  severity: z.string(),
  app: z.string().nullable(),
  label: z.string().nullable(),
  value: z.string().nullable(),
  problem: z.string(),
  remedy: z.string(),
});
