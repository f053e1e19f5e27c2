/** Asks a running Baton about gateways and deployments, on the paths of Vamp's API. */
import { z } from 'zod';
import type { Flaw } from '../../declared/vamp/yaml-tree.ts';
import { parsedJson, reach, unexpected } from '../planning/ask-baton.ts';

/** Creating apps takes Marathon its time. */
const limitMs = 60_000;

export interface Asked {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Below /api/v1/. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  /** YAML or JSON. */
  readonly body?: string;
}

export type Said =
  | { readonly ok: true; readonly status: number; readonly body: unknown }
  | {
      readonly ok: false;
      readonly status: number;
      readonly message: string;
      readonly flaws: readonly Flaw[];
    };

const flaw = z.object({
  line: z.number(),
  column: z.number(),
  rule: z.string(),
  problem: z.string(),
  remedy: z.string(),
});
const refusal = z.object({ message: z.string(), errors: z.array(flaw).readonly().default([]) });

/** @throws BatonAwayError that says what to check */
export async function askVamp(url: string, asked: Asked, signal: AbortSignal): Promise<Said> {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(asked.query ?? {}))
    if (value !== undefined) query.set(key, value);
  const path = `/api/v1/${asked.path}${query.size === 0 ? '' : `?${String(query)}`}`;
  const { answer, text, shown } = await reach(url, path, limitMs, signal, {
    method: asked.method,
    ...(asked.body !== undefined && { body: asked.body }),
    headers: { 'content-type': 'application/x-yaml', accept: 'application/json' },
  });
  const said = parsedJson(text);
  if (answer.ok) return { ok: true, status: answer.status, body: said };
  const refused = refusal.safeParse(said);
  if (!refused.success) throw unexpected(answer, `${shown}${path}`);
  const { message, errors } = refused.data;
  return { ok: false, status: answer.status, message, flaws: errors };
}

export function nameIn(path: 'gateways' | 'deployments', name: string): string {
  return `${path}/${encodeURIComponent(name)}`;
}
