/** Gateways and deployments as Baton's API shows them. */
import { z } from 'zod';

const route = z.looseObject({
  weight: z.string(),
  condition: z.looseObject({ condition: z.string() }).nullable(),
  condition_strength: z.string(),
});

export const shownGateway = z.looseObject({
  name: z.string(),
  port: z.string(),
  virtual_hosts: z.array(z.string()).default([]),
  selector: z.string().optional(),
  service: z.looseObject({ host: z.string(), port: z.string() }).optional(),
  routes: z.record(z.string(), route),
});
export type ShownGateway = z.output<typeof shownGateway>;
export type ShownRoute = z.output<typeof route>;

export const shownDeployment = z.looseObject({
  apps: z.array(z.string()),
  scaled: z.array(z.string()),
  gateways: z.array(z.string()),
  notes: z
    .array(
      z.object({
        line: z.number(),
        column: z.number(),
        rule: z.string(),
        problem: z.string(),
        remedy: z.string(),
      }),
    )
    .default([]),
});
