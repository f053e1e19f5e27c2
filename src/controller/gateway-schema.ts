/** The form on disk of Vamp's gateways. */
import { z } from 'zod';
import type { Condition } from '../declared/vamp/condition.ts';
import type { Gateway } from '../declared/vamp/gateway.ts';
import { wrongInRewrite } from '../declared/vamp/rewrite.ts';

const text = z.string();
const percent = z.int().min(0).max(100);
const port = z.int().min(0).max(65_535);

const condition: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    z.object({ kind: z.enum(['and', 'or']), operands: z.array(condition) }),
    z.object({ kind: z.literal('not'), operand: condition }),
    z.object({ kind: z.literal('host'), value: text }),
    z.object({ kind: z.literal('user-agent'), value: text }),
    z.object({ kind: z.enum(['has-header', 'has-cookie']), name: text }),
    z.object({ kind: z.enum(['header', 'cookie']), name: text, value: text }),
    z.object({ kind: z.literal('raw'), acl: text }),
  ]),
);

const target = z.union([
  z.object({ kind: z.literal('external'), host: text, port: port.min(1) }),
  z.object({
    kind: z.literal('app'),
    app: z.string().startsWith('/'),
    port: z.union([z.int().min(0), text]).nullable(),
  }),
  z.object({ kind: z.literal('gateway'), name: text }),
  z.object({ kind: z.literal('path'), segments: z.array(text).min(1).max(4) }),
  z.object({ kind: z.literal('selector'), selector: text.min(1) }),
  z.object({ kind: z.literal('group') }),
]);

const rewrite = z
  .object({ path: text, condition: text })
  .refine((each) => wrongInRewrite(each) === null, 'it is no rewrite of a path');

const route = z.object({
  path: text,
  target,
  weight: percent,
  condition: condition.nullable(),
  conditionStrength: percent,
  balance: z.enum(['roundrobin', 'leastconn', 'source']).nullable(),
  rewrites: z.array(rewrite),
});

const gateway = z.object({
  name: text.min(1),
  port,
  mode: z.enum(['http', 'tcp']),
  sticky: z.enum(['route', 'instance']).nullable(),
  virtualHosts: z.array(text),
  selector: text.min(1).optional(),
  service: z.object({ host: text, port, mode: z.enum(['http', 'tcp']) }).optional(),
  routes: z.array(route),
  ramp: z.object({ stepPercent: z.number().positive().max(100), holdMs: z.number().min(0) }).nullable(),
  immediate: z.boolean(),
  createdAt: text.optional(),
});

/** One that is not what Baton writes is reported and left out; the others stay. */
export function gatewaysFrom(part: unknown, onDamaged: (problem: string) => void): readonly Gateway[] {
  if (part === undefined) return [];
  if (!Array.isArray(part)) {
    onDamaged('the gateways are no list');
    return [];
  }
  return (part as readonly unknown[]).flatMap((each) => {
    const parsed = gateway.safeParse(each);
    if (parsed.success) return [parsed.data as unknown as Gateway];
    onDamaged(`a gateway was left out: ${z.prettifyError(parsed.error)}`);
    return [];
  });
}
