/** What Marathon's health results say of a task: `up`, `down` or `unknown`; and how long a last word holds. */
import type { Health, HealthCheck } from '../model/app.ts';
import { type Millis, millis } from '../model/ids.ts';
import type { WireHealthCheck, WireHealthResult, WireTask } from './schema.ts';
import { instant } from './versions.ts';

const endStates: ReadonlySet<string> = new Set([
  'TASK_FINISHED',
  'TASK_FAILED',
  'TASK_KILLED',
  'TASK_LOST',
  'TASK_ERROR',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
  'TASK_DROPPED',
]);

/** Whether a task in this state runs no more, and never will again. */
export function isEnded(state: string): boolean {
  return endStates.has(state);
}

/**
 * A task's health over all of its checks. Fewer results than checks is `unknown`: after a change of Marathon's leader
 * every result is gone until the new one has probed.
 * @param checks how many checks the version that the task runs has; without any, running is being up
 */
export function healthOf(task: WireTask, checks: number): Health {
  if (isEnded(task.state)) return 'down';
  if (task.state !== 'TASK_RUNNING') return 'unknown';
  const results = task.healthCheckResults.filter((result) => isReport(result) && isOwn(task, result));
  if (results.some((result) => !result.alive)) return 'down';
  return results.length >= checks ? 'up' : 'unknown';
}

/** Failures within the grace period leave an entry that has counted nothing: no report yet. */
function isReport(result: WireHealthResult): boolean {
  return (
    result.alive ||
    result.lastSuccess !== null ||
    result.lastFailure !== null ||
    result.consecutiveFailures !== 0
  );
}

/**
 * Since 1.8 Marathon keeps results by instance, and a relaunched task (`._app.2`) can be served with those of the
 * one before it. Only there is an old result suspicious: the two times come from two machines' clocks.
 */
function isOwn(task: WireTask, result: WireHealthResult): boolean {
  const incarnation = /\.(\d+)$/.exec(task.id)?.[1];
  const started = instant(task.startedAt);
  if (incarnation === undefined || Number(incarnation) < 2 || started === null) return true;
  const reported = Math.max(instant(result.lastSuccess) ?? 0, instant(result.lastFailure) ?? 0);
  return reported === 0 || reported >= started;
}

/** The states in which a task may be serving although Marathon says nothing of its health. */
const lasting: ReadonlySet<string> = new Set(['TASK_RUNNING', 'TASK_UNREACHABLE']);

/** A new leader has probed by then: Marathon's own defaults are a grace of 5 minutes and an interval of one. */
const leastHoldMs = 10 * 60_000;

export interface KnownHealth {
  readonly health: Health;
  readonly silentSince: Millis | null;
}

/**
 * A task's health when Marathon's word may be missing: then its last one holds, for ten minutes, or for the grace and
 * interval of the task's checks where they are longer. After that it is `unknown`, and whoever probes by himself
 * decides.
 * @param reported what Marathon says now
 * @param before what was known of this very task; null when it is new
 */
export function heldHealth(
  reported: Health,
  state: string,
  before: KnownHealth | null,
  checks: readonly HealthCheck[],
  now: Millis,
): KnownHealth {
  if (reported !== 'unknown') return { health: reported, silentSince: null };
  // A clock that was set back must not make the silence longer than it is.
  const silentSince = millis(Math.min(before?.silentSince ?? now, now));
  const holds = lasting.has(state) && now - silentSince < holdMs(checks);
  return { health: holds ? (before?.health ?? 'unknown') : 'unknown', silentSince };
}

function holdMs(checks: readonly HealthCheck[]): number {
  return Math.max(leastHoldMs, ...checks.map(({ graceSec, intervalSec }) => (graceSec + intervalSec) * 1000));
}

const protocols: Readonly<Record<string, HealthCheck['protocol']>> = {
  HTTP: 'http',
  MESOS_HTTP: 'http',
  HTTPS: 'https',
  MESOS_HTTPS: 'https',
  TCP: 'tcp',
  MESOS_TCP: 'tcp',
  COMMAND: 'command',
};

/** A declared check. Marathon's default protocol is HTTP; one that is not known is nothing Baton could repeat. */
export function toHealthCheck(wire: WireHealthCheck): HealthCheck {
  return {
    protocol: protocols[wire.protocol ?? 'HTTP'] ?? 'command',
    ...(wire.protocol?.startsWith('MESOS_') === true ? { byMesos: true } : {}),
    path: wire.path,
    portIndex: wire.portIndex,
    port: wire.port,
    intervalSec: wire.intervalSeconds,
    timeoutSec: wire.timeoutSeconds,
    graceSec: wire.gracePeriodSeconds,
    maxConsecutiveFailures: wire.maxConsecutiveFailures,
  };
}
