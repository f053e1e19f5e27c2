/** What the next Baton has to know of a service, such as which app holds which slot: comments in its configuration. */
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
  slot: slotText,
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

const head = z.object({
  format: z.literal(2),
  /** How many lines of servers follow: one that is cut off is none. */
  servers: count,
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
    }),
  ),
  weights: z.array(z.object({ slot: slotText, weight: count, draining: z.boolean().default(false) })),
  failover: z.array(slotText),
  noFailover: z.array(slotText),
  removed: z.boolean(),
});

/** No line of HAProxy's begins like this. */
const mark = '#: ';

/** The service first, then a line for each server. */
export function renderNotes(service: Service): string {
  const servers = service.slots.flatMap(({ slot, servers: all }) =>
    [...all.values()].map((each) => ({ slot, ...each })),
  );
  const slots = service.slots.map(({ servers: _servers, ...slot }) => slot);
  return [{ format: 2, servers: servers.length, ...service, slots }, ...servers]
    .map((each) => `${mark}${JSON.stringify(each)}\n`)
    .join('');
}

/** Null when there are none that can be read: then the service is as if never seen. */
export function parseNotes(configuration: string): Service | null {
  const [first, ...others] = configuration
    .split('\n')
    .flatMap((line) => (line.startsWith(mark) ? [readJson(line.slice(mark.length))] : []));
  const parsed = head.safeParse(first);
  const servers = z.array(server).safeParse(others);
  if (!parsed.success || !servers.success || servers.data.length !== parsed.data.servers) return null;
  const { format: _, servers: _count, ...service } = parsed.data;
  return {
    ...service,
    id: service.id as ServiceId,
    listeners: service.listeners.map((each) => ({ ...each, only: each.only as AppId | null })),
    slots: service.slots.map((slot) => ({
      ...slot,
      slot: slot.slot as SlotName,
      app: slot.app as AppId | null,
      servers: new Map(
        servers.data
          .filter((each) => each.slot === slot.slot)
          .map(({ slot: _slot, ...each }) => [
            each.name as ServerName,
            { ...each, name: each.name as ServerName },
          ]),
      ),
    })),
    matches: service.matches.map((each) => ({ ...each, slot: each.slot as SlotName | null })),
    conditions: service.conditions.map((each) => ({ ...each, slot: each.slot as SlotName | null })),
    weights: service.weights.map((each) => ({ ...each, slot: each.slot as SlotName })),
    failover: service.failover as SlotName[],
    noFailover: service.noFailover as SlotName[],
  };
}

/** The configuration as HAProxy reads it, for people. */
export function withoutNotes(configuration: string): string {
  return configuration.replaceAll(/^#: .*\n/gm, '');
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
