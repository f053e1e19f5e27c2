/** Marathon's JSON as far as changes need it. */
import { z } from 'zod';

const withId = z.object({ id: z.string().min(1) });
const definition = z.record(z.string(), z.unknown());

/** The app that is to be changed. What is not named here is kept: a change may have to repeat it. */
export const wireSubject = z.looseObject({
  id: z.string().min(1),
  version: z.string().min(1),
  instances: z.number(),
  deployments: z.array(withId).default([]),
  tasks: z.array(z.object({ id: z.string().min(1), state: z.string().nullish() })),
});
export type WireSubject = z.output<typeof wireSubject>;

/** A group; 1.5 and later leave out what it has none of. */
export const wireGroup = z.object({ apps: z.array(definition).default([]) });

/** An action's name has stood under two keys, and what it is about under two others. */
const wireAction = z
  .object({
    action: z.string().optional(),
    type: z.string().optional(),
    app: z.string().optional(),
    pod: z.string().optional(),
  })
  .transform(({ action, type, app, pod }) => ({ action: action ?? type ?? 'nothing', of: app ?? pod ?? '' }));

const wireStep = z.object({ actions: z.array(wireAction) });

/** The answer to a dry run. */
export const wirePlan = z.object({ steps: z.array(wireStep) });
export type WirePlan = z.output<typeof wirePlan>;

/** One that runs, as /v2/deployments lists it. */
export const wireDeployment = withId;
export type WireDeployment = z.output<typeof wireDeployment>;

export const wireDeployed = z.object({ deploymentId: z.string().min(1) });
export const wireCreated = z.object({ deployments: z.array(withId).default([]) });
export const wireInfo = z.object({ version: z.string().min(1) });
