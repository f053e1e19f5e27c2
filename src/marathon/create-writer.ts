/** Changes to Marathon: each is decided from a fresh read, proven, asked for, and tried again where that is safe. */
import { appId, type AppId, type TaskId } from '../model/ids.ts';
import { createAccess, openAccess } from './access.ts';
import { rotation } from './address.ts';
import { isHidden } from './app-path.ts';
import { type BackoffRange, pause } from './backoff.ts';
import { MarathonError } from './errors.ts';
import { createHttp } from './http.ts';
import { isEnded } from './health.ts';
import { createProver, scaling } from './proof.ts';
import { createRestWrites } from './rest-writes.ts';
import type { WireSubject } from './schema-writes.ts';
import { persist } from './persist.ts';
import type { AppToCreate, MarathonWriter, MarathonWriterOptions, Written } from './writer.ts';

/** What tests make small. */
export interface WriterTuning {
  /** Waits before a change is tried again. */
  readonly backoff: BackoffRange;
  /** How often a deployment is looked at, in ms. */
  readonly lookMs: number;
}

const defaultTuning: WriterTuning = { backoff: { firstMs: 500, maxMs: 10_000 }, lookMs: 1000 };

const maxBytes = 64 * 1024 * 1024;

/** @throws MarathonError `bad-address` when no address was given, or one cannot be read */
export function createMarathonWriter(
  { urls, access, requestTimeoutMs, notify }: MarathonWriterOptions,
  { backoff, lookMs }: WriterTuning = defaultTuning,
): MarathonWriter {
  const closing = new AbortController();
  const http = createHttp({
    addresses: rotation(urls),
    access: createAccess(access ?? openAccess, requestTimeoutMs, closing.signal),
    timeoutMs: requestTimeoutMs,
    maxBytes,
    onRequest: (route, outcome, durationMs) => notify({ kind: 'request', route, outcome, durationMs }),
  });
  const rest = createRestWrites(http);
  const prover = createProver(rest);
  const bound = (signal: AbortSignal): AbortSignal => AbortSignal.any([signal, closing.signal]);

  async function scale(app: AppId, instances: number, signal: AbortSignal): Promise<Written> {
    return persist({ what: `${app} was not scaled to ${instances}`, backoff, signal }, async () => {
      const subject = await rest.app(app, signal);
      if (subject.instances === instances) return { app, deployment: running(subject) };
      const body = scaling(subject, instances);
      await prover.prove(subject, app, { kind: 'scale', body }, signal);
      return { app, deployment: await rest.patch(app, body, signal) };
    });
  }

  async function kill(app: AppId, tasks: readonly TaskId[], signal: AbortSignal): Promise<Written> {
    const what = `tasks of ${app} were not killed`;
    return persist({ what, backoff, signal }, async (doubt) => {
      const subject = await rest.app(app, signal);
      const left = tasks.filter((id) => subject.tasks.some((task) => task.id === id && isKillable(task)));
      const deployment = running(subject);
      if (left.length === 0) return { app, deployment };
      // It may be the one that an earlier attempt began: its tasks go on until their grace has passed.
      if (doubt && deployment !== null) throw busy(deployment);
      const instances = Math.max(0, subject.instances - left.length);
      await prover.prove(subject, app, { kind: 'kill', instances }, signal);
      return { app, deployment: await rest.kill(left, signal) };
    });
  }

  async function remove(app: AppId, signal: AbortSignal): Promise<Written> {
    return persist({ what: `${app} was not deleted`, backoff, signal }, async (doubt) => {
      const subject = await found(rest.app(app, signal), doubt);
      if (subject === null) return { app, deployment: null };
      if (subject.instances > 0) {
        throw new MarathonError(
          'unsafe',
          `it has ${subject.instances} instances, and only an app that was scaled to 0 is deleted`,
        );
      }
      await prover.prove(subject, app, { kind: 'delete' }, signal);
      return { app, deployment: await rest.delete(app, signal) };
    });
  }

  async function create(definition: AppToCreate, signal: AbortSignal): Promise<Written> {
    const app = appId(definition.id);
    return persist({ what: `${app} was not created`, backoff, signal }, async (doubt) => {
      if (doubt) {
        // What there is now can only be what was asked for: Marathon had no such app, or would have said so.
        const created = await found(rest.app(app, signal), true);
        if (created !== null) return { app, deployment: running(created) };
      }
      return { app, deployment: await rest.create({ ...definition, id: app }, signal) };
    });
  }

  async function ended({ app, deployment }: Written, signal: AbortSignal): Promise<void> {
    if (deployment === null) return;
    const what = `deployment ${deployment} of ${app} was not seen to end`;
    // Before 1.8 a deployment may be missing from the list for a moment after it was announced.
    for (let missed = 0; missed < 2; ) {
      try {
        const all = await persist({ what, backoff, signal }, () => rest.deployments(signal));
        missed = all.some(({ id }) => id === deployment) ? 0 : missed + 1;
      } catch (error) {
        if (!signal.aborted) throw error;
        throw new MarathonError('unfinished', `${what} in the time given`, error);
      }
      if (missed < 2) await pause(lookMs, signal);
    }
  }

  return {
    scale: async (app, instances, signal) => scale(addressable(app), instances, bound(signal)),
    kill: async (app, tasks, signal) => kill(addressable(app), tasks, bound(signal)),
    delete: async (app, signal) => remove(addressable(app), bound(signal)),
    create: async (definition, signal) => {
      addressable(appId(definition.id));
      return create(definition, bound(signal));
    },
    ended: (written, signal) => ended(written, bound(signal)),
    close: async () => {
      closing.abort();
      await http.close();
    },
  };
}

/** @throws MarathonError `refused` for an id whose path means something else */
function addressable(app: AppId): AppId {
  if (!isHidden(app)) return app;
  throw new MarathonError(
    'refused',
    `${app} cannot be changed: Marathon takes a part of its path (tasks, versions, restart) for something else`,
  );
}

function running({ deployments }: WireSubject): string | null {
  return deployments[0]?.id ?? null;
}

/** What is being killed already would not count as one that is scaled away. */
function isKillable({ state }: { readonly state?: string | null | undefined }): boolean {
  return !isEnded(state ?? '') && state !== 'TASK_KILLING';
}

function busy(deployment: string): MarathonError {
  return new MarathonError('locked', `deployment ${deployment} still runs`);
}

async function found(app: Promise<WireSubject>, maybe: boolean): Promise<WireSubject | null> {
  try {
    return await app;
  } catch (error) {
    if (maybe && error instanceof MarathonError && error.code === 'not-found') return null;
    throw error;
  }
}
