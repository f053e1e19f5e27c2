/** The events that say that a task is being killed, is dead or is unhealthy: its endpoint leaves before any read. */
import { z } from 'zod';
import type { App } from '../model/app.ts';
import { type AppId, appId, serverName, type TaskId } from '../model/ids.ts';

export interface Withdrawal {
  readonly app: AppId;
  readonly tasks: readonly TaskId[];
}

const id = z.string().min(1);
const Status = z.object({ appId: id, taskId: id, taskStatus: z.string() });
const Condition = z.object({ runSpecId: id, instanceId: id, condition: z.string() });
const Alive = z.object({ appId: id, instanceId: id.optional(), taskId: id.optional(), alive: z.boolean() });
const Healthy = z.object({ runSpecId: id, instanceId: id, healthy: z.boolean().nullish() });
const Kill = z.object({ appId: id, instanceId: id.optional(), taskId: id.optional() });

/** `TASK_UNREACHABLE` and what nobody knows are not among them: an agent that is cut off may well be serving. */
const ending = /^(?:TASK_)?(?:KILLING|KILLED|FAILED|FINISHED|LOST|ERROR|GONE|GONE_BY_OPERATOR|DROPPED)$/i;

/** The tasks that an event takes out of rotation, of those that are known; null for any other event. */
export function withdrawalOf(
  type: string,
  data: string,
  known: (id: AppId) => App | null,
): Withdrawal | null {
  const claim = claimOf(type, data);
  if (claim === null) return null;
  const app = known(appId(claim.app));
  const tasks = (app?.tasks ?? []).filter((task) => isNamed(task.id, claim.names)).map((task) => task.id);
  return app === null || tasks.length === 0 ? null : { app: app.id, tasks };
}

interface Claim {
  readonly app: string;
  /** Task or instance ids: what they are called changed with Marathon's versions. */
  readonly names: readonly string[];
}

function claimOf(type: string, data: string): Claim | null {
  switch (type) {
    case 'status_update_event': {
      const event = parse(Status, data);
      return event !== null && ending.test(event.taskStatus) ? claim(event.appId, event.taskId) : null;
    }
    case 'instance_changed_event': {
      const event = parse(Condition, data);
      return event !== null && ending.test(event.condition) ? claim(event.runSpecId, event.instanceId) : null;
    }
    case 'health_status_changed_event': {
      const event = parse(Alive, data);
      return event?.alive === false ? claim(event.appId, event.instanceId, event.taskId) : null;
    }
    case 'instance_health_changed_event': {
      const event = parse(Healthy, data);
      return event?.healthy === false ? claim(event.runSpecId, event.instanceId) : null;
    }
    case 'unhealthy_instance_kill_event':
    case 'unhealthy_task_kill_event': {
      const event = parse(Kill, data);
      return event === null ? null : claim(event.appId, event.instanceId, event.taskId);
    }
    default:
      return null;
  }
}

function claim(app: string, ...names: readonly (string | undefined)[]): Claim {
  return { app, names: names.filter((name) => name !== undefined) };
}

/** By uuid: an instance `app.instance-UUID` or `app.marathon-UUID` names each task that carries its uuid. */
function isNamed(task: TaskId, names: readonly string[]): boolean {
  if (names.includes(task)) return true;
  const own = serverName(task).split('.')[0];
  return names.some((name) => /\.(?:instance-|marathon-)([^._]+)$/.exec(name)?.[1] === own);
}

function parse<T>(schema: z.ZodType<T>, data: string): T | null {
  try {
    return schema.safeParse(JSON.parse(data)).data ?? null;
  } catch {
    return null;
  }
}
