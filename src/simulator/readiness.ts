/** Readiness checks: asks the tasks that a deployment starts, until each check has passed once. */
import type { IncomingMessage } from 'node:http';
import { type AppDefinition, portsOf, type ReadinessCheckDefinition } from './definition.ts';
import { askHttp } from './probe.ts';
import type { Timers } from './timers.ts';
import type { App, Instance, ReadinessResult, ReadinessWatch, World } from './world.ts';

/** What is kept of a response's body, in bytes. */
const mostBody = 16 * 1024;
const leastIntervalMs = 10;
const leastTimeoutMs = 1_000;

type Response = NonNullable<ReadinessResult['lastResponse']>;

export interface ReadinessOptions {
  readonly speed: number;
  readonly timers: Timers;
  readonly signal: AbortSignal;
  /** The status that answers for tasks that are only addresses. */
  readonly answer: (instance: Instance) => number;
  readonly real: boolean;
  /** A check has been answered. */
  readonly changed: () => void;
}

export function createReadiness(options: ReadinessOptions): ReadinessWatch {
  const running = new Map<string, Set<() => void>>();

  function ask(instance: Instance, check: ReadinessCheckDefinition, stops: Set<() => void>): void {
    const again = (delay: number): void => {
      const stop = options.timers.after(delay, () => {
        stops.delete(stop);
        void answerOf(instance, check).then((response) => {
          if (running.get(instance.id) !== stops || instance.readiness === null) return;
          const result = resultOf(check, response);
          instance.readiness = new Map(instance.readiness).set(check.name, result);
          if (!result.ready) again(Math.max(leastIntervalMs, (check.intervalSeconds * 1000) / options.speed));
          options.changed();
        });
      });
      stops.add(stop);
    };
    again(0);
  }

  async function answerOf(instance: Instance, check: ReadinessCheckDefinition): Promise<Response> {
    const { task } = instance;
    const port = task?.ports[portIndex(instance.def, check.portName)];
    if (!options.real) return { status: options.answer(instance), contentType: 'application/json', body: '' };
    if (task === null || port === undefined) return unanswered(check, 'no such port');
    const timeoutMs = Math.max(leastTimeoutMs, (check.timeoutSeconds * 1000) / options.speed);
    const target = { host: task.address, port, path: check.path };
    return askHttp(target, timeoutMs, options.signal, read, (cause) => unanswered(check, cause));
  }

  return {
    watch(instance) {
      const checks = instance.def.readinessChecks ?? [];
      if (checks.length === 0) return;
      const stops = new Set<() => void>();
      running.set(instance.id, stops);
      instance.readiness = new Map();
      for (const check of checks) ask(instance, check, stops);
    },
    unwatch(instance) {
      for (const stop of running.get(instance.id) ?? []) stop();
      running.delete(instance.id);
      instance.readiness = null;
    },
  };
}

/** What has been answered for the app's instances, as deployments and apps show it. */
export function readinessResults(world: World, app: App | undefined): readonly object[] {
  return [...(app?.instances.values() ?? [])].flatMap((instance) => {
    const taskId = world.dialect.readinessNamesInstance ? instance.id : instance.task?.id;
    return [...(instance.readiness ?? new Map<string, ReadinessResult>())].map(
      ([name, { ready, lastResponse }]) => ({
        name,
        taskId,
        ready,
        ...(lastResponse === null ? {} : { lastResponse }),
      }),
    );
  });
}

function resultOf(check: ReadinessCheckDefinition, response: Response): ReadinessResult {
  return {
    ready: check.httpStatusCodesForReady.includes(response.status),
    lastResponse: check.preserveLastResponse ? response : null,
  };
}

async function read(response: IncomingMessage): Promise<Response> {
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) {
    if (body.length < mostBody) body += String(chunk).slice(0, mostBody - body.length);
  }
  return { status: response.statusCode ?? 0, contentType: response.headers['content-type'] ?? '', body };
}

/** Marathon's stand-in for a response that did not come. */
function unanswered(check: ReadinessCheckDefinition, cause: string): Response {
  const body = `Marathon could not query ${check.path}: ${cause}`;
  return { status: 504, contentType: 'text/plain', body };
}

/** An app that names none of its ports has its first one asked. */
function portIndex(app: AppDefinition, name: string): number {
  return Math.max(
    0,
    portsOf(app).findIndex((port) => port.name === name),
  );
}
