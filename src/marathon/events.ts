/** Which apps an event of Marathon's is about, and which version a read of them must show at least. */
import { z } from 'zod';
import { type AppId, appId } from '../model/ids.ts';
import { isAtLeast } from './versions.ts';

export interface Hint {
  readonly app: AppId;
  /** The version that a read must show at least; null when the event announces none. */
  readonly version: string | null;
}

export interface EventMeaning {
  readonly hints: readonly Hint[];
  /** The new definitions of a change can be read now: announced versions not seen yet are worth another look. */
  readonly changed: boolean;
}

/** Asked for in the `event_type` query (Marathon 1.3.7 and later; older ones send everything). */
export const eventTypes = [
  'event_stream_attached',
  'api_post_event',
  'group_change_success',
  'deployment_info',
  'deployment_step_success',
  'deployment_step_failure',
  'deployment_success',
  'deployment_failed',
  'health_status_changed_event',
  'instance_health_changed_event',
  'unhealthy_task_kill_event',
  'unhealthy_instance_kill_event',
  'status_update_event',
  'instance_changed_event',
  'unknown_instance_terminated_event',
  'app_terminated_event',
] as const;

const id = z.string().min(1);
const ofApp = z.object({ appId: id });
const ofRunSpec = z.object({ runSpecId: id });
const ofPost = z.object({ appDefinition: z.object({ id, version: z.string().nullish() }) });
const action = z.object({ action: z.string().nullish(), type: z.string().nullish(), app: id });
const ofPlan = z.object({
  plan: z.object({
    version: z.string().nullish(),
    steps: z.array(z.object({ actions: z.array(z.unknown()) })),
  }),
});

const nothing: EventMeaning = { hints: [], changed: false };

/** What to read again after an event. Unknown events, and known ones with surprising content, mean nothing. */
export function meaningOf(type: string, data: string): EventMeaning {
  if (type === 'group_change_success') return { hints: [], changed: true };
  if (!(eventTypes as readonly string[]).includes(type)) return nothing;
  const json = parse(data);
  const plan = ofPlan.safeParse(json);
  if (plan.success)
    return { hints: hintsOfPlan(plan.data.plan, type === 'deployment_failed'), changed: false };
  const post = ofPost.safeParse(json);
  if (post.success) {
    const { id: text, version } = post.data.appDefinition;
    return { hints: [{ app: appId(text), version: version ?? null }], changed: false };
  }
  const about = ofApp.safeParse(json).data?.appId ?? ofRunSpec.safeParse(json).data?.runSpecId;
  return about === undefined ? nothing : { hints: [{ app: appId(about), version: null }], changed: false };
}

/**
 * All apps of all steps: Marathon makes all definitions visible at once. A plan that failed announces no version: it
 * may be one that was refused. An app that is stopped is gone, or still there in its old version.
 */
function hintsOfPlan(plan: z.output<typeof ofPlan>['plan'], failed: boolean): readonly Hint[] {
  const hints = new Map<AppId, Hint>();
  for (const raw of plan.steps.flatMap(({ actions }) => actions)) {
    const parsed = action.safeParse(raw);
    if (!parsed.success) continue;
    const app = appId(parsed.data.app);
    const stops = (parsed.data.action ?? parsed.data.type) === 'StopApplication';
    hints.set(app, { app, version: failed || stops ? null : (plan.version ?? null) });
  }
  return [...hints.values()];
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

/** The later of two announced versions, where null announces none. */
export function laterVersion(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return isAtLeast(a, b) ? a : b;
}
