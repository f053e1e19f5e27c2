/** Takes answers in: parses each app by itself, finds the checks of older versions, and names what cannot be read. */
import { setImmediate as breathe } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { App } from '../model/app.ts';
import { type AppId, appId, type Millis } from '../model/ids.ts';
import { createDefinitions } from './definitions.ts';
import { MarathonError } from './errors.ts';
import type { Rest } from './rest.ts';
import { type WireApp, wireApp, wireId } from './schema.ts';
import { toApp } from './to-model.ts';

/** So many apps of a list are read between two looks at what else has come. */
const together = 20;
/** How many older definitions are read at a time. */
const parallel = 8;

export interface Taken {
  readonly apps: ReadonlyMap<AppId, App>;
  /** Apps that are there but could not be read: what was known of them stays. */
  readonly unreadable: ReadonlySet<AppId>;
  /** False when something has not even an id: then nobody can say which apps are missing. */
  readonly whole: boolean;
}

export interface Intake {
  /**
   * What is as it was known is the same object.
   * @throws MarathonError when the list turns out not to be whole
   */
  takeList(raw: Iterable<unknown>, signal: AbortSignal): Promise<Taken>;
  /** @throws MarathonError `unexpected` when the app cannot be read */
  takeOne(id: AppId, raw: unknown, signal: AbortSignal): Promise<App>;
  /** Drops what is remembered of an app that is gone. */
  forget(id: AppId): void;
}

export interface IntakeOptions {
  readonly rest: Rest;
  readonly previous: (id: AppId) => App | null;
  readonly clock: () => Millis;
  /** Bound on finding all older definitions that one answer needs, in ms. */
  readonly timeoutMs: number;
  /** Called when an app cannot be read, once until what is wrong with it changes. */
  readonly onRejected: (id: AppId | null, problem: string) => void;
}

interface Wanted {
  readonly id: AppId;
  readonly version: string;
}

export function createIntake({ rest, previous, clock, timeoutMs, onRejected }: IntakeOptions): Intake {
  const definitions = createDefinitions();
  const problems = new Map<AppId | null, string>();

  function parse(raw: unknown): { id: AppId | null; wire: WireApp | null } {
    const named = wireId.safeParse(raw);
    const id = named.success ? appId(named.data.id) : null;
    const parsed = wireApp.safeParse(raw);
    const problem = parsed.success ? problemOf(parsed.data) : sentence(parsed.error.issues[0]);
    if (problem !== null || !parsed.success) {
      if (problem !== null && problems.get(id) !== problem) {
        problems.set(id, problem);
        onRejected(id, problem);
      }
      return { id, wire: null };
    }
    problems.delete(id);
    return { id, wire: parsed.data };
  }

  /** Remembers the definitions that an answer has; says which older ones its tasks run that are not known. */
  function wantedFor(id: AppId, wire: WireApp): readonly Wanted[] {
    definitions.learn(id, wire);
    return definitions.missing(id, wire).map((version) => ({ id, version }));
  }

  /** What fails leaves its tasks with the app's present checks. */
  async function readOlder(wanted: Wanted[], signal: AbortSignal): Promise<void> {
    if (wanted.length === 0) return;
    const bound = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    async function work(): Promise<void> {
      for (let next = wanted.shift(); next !== undefined && !bound.aborted; next = wanted.shift()) {
        const { id, version } = next;
        try {
          definitions.learn(id, await rest.definition(id, version, bound));
        } catch (error) {
          if (error instanceof MarathonError && error.code === 'not-found')
            definitions.learnGone(id, version);
        }
      }
    }
    await Promise.all(Array.from({ length: parallel }, work));
  }

  function build(id: AppId, wire: WireApp): App {
    const before = previous(id);
    const app = toApp(wire, {
      checksOf: (version) => definitions.checksOf(id, version),
      previous: before,
      now: clock(),
    });
    definitions.prune(id, wire);
    return before !== null && isDeepStrictEqual(app, before) ? before : app;
  }

  return {
    takeList: async (raw, signal) => {
      // Of a long list little is to be there twice: most apps are built as they come.
      const apps = new Map<AppId, App>();
      const waiting = new Map<AppId, WireApp>();
      const wanted: Wanted[] = [];
      const unreadable = new Set<AppId>();
      let whole = true;
      let done = 0;
      for (const each of raw) {
        done += 1;
        if (done % together === 0) await breathe();
        const { id, wire } = parse(each);
        if (id === null) whole = false;
        else if (wire === null) unreadable.add(id);
        else {
          const older = wantedFor(id, wire);
          wanted.push(...older);
          if (older.length === 0) apps.set(id, build(id, wire));
          else waiting.set(id, wire);
        }
      }
      for (const id of problems.keys()) if (id !== null && !unreadable.has(id)) problems.delete(id);
      await readOlder(wanted, signal);
      for (const [id, wire] of waiting) apps.set(id, build(id, wire));
      return { apps, unreadable, whole };
    },
    takeOne: async (id, raw, signal) => {
      const { id: found, wire } = parse(raw);
      if (wire === null || found !== id) {
        throw new MarathonError(
          'unexpected',
          `Marathon's answer about ${id} cannot be read; what was known of it stays`,
        );
      }
      await readOlder([...wantedFor(id, wire)], signal);
      return build(id, wire);
    },
    forget: (id) => {
      definitions.forget(id);
      problems.delete(id);
    },
  };
}

/** An answer without the tasks that it counts itself would take all of the app's traffic away. */
function problemOf(wire: WireApp): string | null {
  if ((wire.tasks ?? null) !== null || wire.tasksRunning === 0) return null;
  return `counts ${wire.tasksRunning} running tasks but lists none`;
}

function sentence(
  issue: { readonly path: readonly PropertyKey[]; readonly message: string } | undefined,
): string {
  if (issue === undefined) return 'is not an app';
  return `${issue.path.map(String).join('.') || 'the app'}: ${issue.message}`;
}
