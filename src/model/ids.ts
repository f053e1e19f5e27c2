/** Branded identifiers and their canonical spellings, so that a task id can never stand where an app id belongs. */

declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** Absolute and canonical: begins with `/`, no double or trailing slash (`/group/app1`). */
export type AppId = Branded<string, 'AppId'>;
/** Marathon's task id, verbatim. */
export type TaskId = Branded<string, 'TaskId'>;
/** What clients connect to. A service declared by a listener app carries that app's id. */
export type ServiceId = Branded<string, 'ServiceId'>;
/** One backend of a service on the data plane: `a`, `b`, … `z`, `aa`, …. */
export type SlotName = Branded<string, 'SlotName'>;
/** A server's name on the data plane; carries the task's uuid, so it is never used twice. */
export type ServerName = Branded<string, 'ServerName'>;
/** Milliseconds since the Unix epoch. */
export type Millis = Branded<number, 'Millis'>;

/**
 * The canonical id of an app as people and Marathon write it: relative or absolute, with stray slashes.
 * Marathon itself has been seen to write `//` in its events.
 */
export function appId(text: string): AppId {
  const parts = text.split('/').filter((part) => part !== '');
  return `/${parts.join('/')}` as AppId;
}

export function taskId(text: string): TaskId {
  return text as TaskId;
}

/** The service that a listener app declares is named after the app. */
export function serviceOf(app: AppId): ServiceId {
  return app as string as ServiceId;
}

export function millis(value: number): Millis {
  return value as Millis;
}

/**
 * Marathon's "safe path" of an id: `/group/app1` is `group_app1`. Unambiguous, because Marathon's ids may hold only
 * lower-case letters, digits, `-` and `.` between the slashes (Marathon's `PathId` pattern).
 */
export function safeName(id: AppId | ServiceId): string {
  return id.replace(/^\//, '').replaceAll('/', '_');
}

const longestBackendsName = 60;

/**
 * What a service's backends are named after on the data plane: its safe name, or the end of one that is too long, with
 * a digest of the whole. A request that leaves a dead pool carries it in a PROXY header's unique id, which has 127 bytes
 * for it and for the slots that are left to try (HAProxy's UNIQUEID_LEN).
 */
export function backendsName(service: ServiceId): string {
  const name = safeName(service);
  if (name.length <= longestBackendsName) return name;
  const digest = [0x811c9dc5, 0x01000193].map((seed) => fnv1a(name, seed)).join('');
  return `${digest}-${name.slice(digest.length + 1 - longestBackendsName)}`;
}

/** FNV-1a, 32 bits, as eight hexadecimal digits. */
function fnv1a(text: string, seed: number): string {
  let hash = seed;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** The n-th slot, n from 0: a … z, aa, ab, …. */
export function slotName(n: number): SlotName {
  let name = '';
  for (let rest = n; rest >= 0; rest = Math.floor(rest / 26) - 1) {
    name = String.fromCharCode(97 + (rest % 26)) + name;
  }
  return name as SlotName;
}

/** The inverse of {@link slotName}. */
export function slotIndex(slot: SlotName): number {
  let index = 0;
  for (const letter of slot) index = index * 26 + (letter.charCodeAt(0) - 96);
  return index - 1;
}

/**
 * The server name of a task: its instance's uuid, and the incarnation where Marathon counts one (every app since 1.8,
 * before that those with persistent volumes: `app.<uuid>.1`).
 * Every form of task id that Marathon 0.x to 1.10 wrote leaves only `[A-Za-z0-9._-]`, HAProxy's own alphabet for names.
 */
export function serverName(task: TaskId): ServerName {
  const instance =
    /\.(?:instance-|marathon-)([^_.]+)[._][^.]+\.(\d+)$/.exec(task) ?? /[._]([^_.]+)\.(\d+)$/.exec(task);
  const name = instance ? `${instance[1]}.${instance[2]}` : task.slice(task.lastIndexOf('.') + 1);
  return name.replace(/[^A-Za-z0-9._-]/g, '-') as ServerName;
}
