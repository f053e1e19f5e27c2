/** A service as Baton wrote it beside its configuration: which app holds which slot, for the next Baton. */
import { z } from 'zod';
import { plainRules } from '../../declared/types.ts';
import type { Condition } from '../../declared/vamp/condition.ts';
import type { AppId, ServerName, ServiceId, SlotName } from '../../model/ids.ts';
import { isCondition } from './condition.ts';
import { isName, isPort, isSlot } from './grammar.ts';
import { isMatchRule } from './match.ts';
import type { Service } from './state.ts';

const count = z.number().int().nonnegative();
const port = z.number().refine(isPort);
const slotText = z.string().refine(isSlot);
const server = z.object({
  name: z.string().refine(isName),
  address: z.union([z.ipv4(), z.ipv6()]),
  port,
  check: z.object({
    kind: z.enum(['http', 'tcp']),
    path: z.string(),
    port: port.nullable(),
    intervalMs: z.number(),
    timeoutMs: z.number(),
    fall: z.number(),
  }),
  sendProxy: z.enum(['v1', 'v2']).optional(),
  rotation: z.enum(['in', 'hold', 'leaving']),
});
const text = z.string();
const condition: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    z.object({ kind: z.enum(['and', 'or']), operands: z.array(condition) }),
    z.object({ kind: z.literal('not'), operand: condition }),
    z.object({ kind: z.enum(['host', 'user-agent']), value: text }),
    z.object({ kind: z.enum(['header', 'cookie']), name: text, value: text }),
    z.object({ kind: z.enum(['has-header', 'has-cookie']), name: text }),
    z.object({ kind: z.literal('raw'), acl: text }),
  ]),
);

const sidecar = z.object({
  format: z.literal(1),
  id: z.string(),
  name: z.string().refine(isName),
  listeners: z.array(
    z.object({
      address: z.string().nullable(),
      declaredPort: z.number(),
      port,
      mode: z.enum(['http', 'tcp']).default('http'),
      hosts: z.array(z.string()),
      paths: z.array(z.object({ prefix: z.string(), ignoresCase: z.boolean() })).default([]),
      rank: z.number().default(0),
      tls: z
        .object({ certificates: z.array(z.string()) })
        .nullable()
        .default(null),
      bindOptions: z.array(z.string()).default([]),
      only: z.string().nullable().default(null),
    }),
  ),
  rules: z
    .object({
      redirectToHttps: z.boolean(),
      useHsts: z.boolean(),
      auth: z.object({ realm: z.string(), user: z.string(), password: z.string() }).nullable(),
      allowedNetworks: z.array(z.string()).nullable(),
      sticky: z.boolean(),
      proxyPassPath: z.string().nullable(),
      reverseProxyPath: z.string().nullable(),
      redirectPath: z.string().nullable(),
    })
    .default({ ...plainRules, allowedNetworks: null }),
  matches: z
    .array(
      z.object({
        slot: slotText.nullable(),
        rule: z
          .object({ kind: z.enum(['header', 'cookie']), name: z.string(), value: z.string() })
          .refine(isMatchRule),
      }),
    )
    .default([]),
  conditions: z
    .array(
      z.object({
        slot: slotText.nullable(),
        condition: condition.refine((each) => isCondition(each, () => true)),
        strength: z.number().min(0).max(100),
      }),
    )
    .default([]),
  affinity: z.boolean().default(false),
  cookie: z.boolean().default(false),
  slots: z.array(
    z.object({
      slot: slotText,
      mode: z.enum(['http', 'tcp']).default('http'),
      balance: z.enum(['roundrobin', 'leastconn', 'source']),
      checkKind: z.enum(['http', 'tcp']),
      templates: z.array(z.string()).default([]),
      app: z.string().nullable(),
      servers: z.array(server),
    }),
  ),
  weights: z.array(z.object({ slot: slotText, weight: count, draining: z.boolean().default(false) })),
  failover: z.array(slotText),
  noFailover: z.array(slotText),
  removed: z.boolean(),
});

export function renderSidecar(service: Service): string {
  const slots = service.slots.map((slot) => ({ ...slot, servers: [...slot.servers.values()] }));
  return `${JSON.stringify({ format: 1, ...service, slots })}\n`;
}

/** Null when it is not one: then the service is as if never seen. */
export function parseSidecar(text: string): Service | null {
  const parsed = sidecar.safeParse(readJson(text));
  if (!parsed.success) return null;
  const { format: _, ...service } = parsed.data;
  return {
    ...service,
    id: service.id as ServiceId,
    listeners: service.listeners.map((each) => ({ ...each, only: each.only as AppId | null })),
    slots: service.slots.map((slot) => ({
      ...slot,
      slot: slot.slot as SlotName,
      app: slot.app as AppId | null,
      servers: new Map(
        slot.servers.map((each) => [each.name as ServerName, { ...each, name: each.name as ServerName }]),
      ),
    })),
    matches: service.matches.map((each) => ({ ...each, slot: each.slot as SlotName | null })),
    conditions: service.conditions.map((each) => ({ ...each, slot: each.slot as SlotName | null })),
    weights: service.weights.map((each) => ({ ...each, slot: each.slot as SlotName })),
    failover: service.failover as SlotName[],
    noFailover: service.noFailover as SlotName[],
  };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
