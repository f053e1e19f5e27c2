/** What a load keeps of its requests: counts, phases and the order of answers, in memory of a fixed size. */
import { createLatencyHistogram, type Latency, type LatencyHistogram } from './latency.ts';

/** `status`: answered with 400 or more. `body`: answered, but not by a task. `connection`: broken. `timeout`: no answer in time. */
export type FailureKind = 'status' | 'body' | 'connection' | 'timeout';

export interface LoadFailure {
  readonly kind: FailureKind;
  /** The status, or the error's code (`ECONNRESET`), with what else is known. */
  readonly detail: string;
  readonly client: 'keep-alive' | 'new-connection';
  readonly phase: string;
  /** When the request began, and when it failed: `performance.now()`, ms. */
  readonly begunAt: number;
  readonly failedAt: number;
}

export interface AppAnswers {
  readonly answers: number;
  /** When the first and the last of the requests began that this app answered: `performance.now()`, ms. */
  readonly firstBegunAt: number;
  readonly lastBegunAt: number;
}

/** Requests belong to the phase in which they began. */
export interface PhaseSummary {
  readonly name: string;
  readonly startedAt: number;
  /** Finished requests, failed ones included. */
  readonly requests: number;
  readonly failures: number;
  /** By the app that answered, as it names itself (`/app1`). */
  readonly apps: Readonly<Record<string, AppAnswers>>;
  readonly latency: Latency;
}

export interface LoadSummary extends Omit<PhaseSummary, 'name'> {
  readonly phases: readonly PhaseSummary[];
  readonly failuresByKind: Readonly<Record<FailureKind, number>>;
  /** The first of them; `failures` counts all. */
  readonly failed: readonly LoadFailure[];
}

export interface LoadSnapshot extends LoadSummary {
  readonly inFlight: number;
  /** Answers of the last second by app, failures left out. */
  readonly lastSecond: Readonly<Record<string, number>>;
}

export interface Phase {
  readonly name: string;
  readonly startedAt: number;
  requests: number;
  failures: number;
  readonly apps: Map<string, { answers: number; firstBegunAt: number; lastBegunAt: number }>;
  readonly latency: LatencyHistogram;
}

const remembered = 262_144;
const failuresKept = 100;

export interface LoadRecord {
  begin(): Phase;
  answered(phase: Phase, app: string, begunAt: number, now: number): void;
  failed(phase: Phase, failure: Omit<LoadFailure, 'phase'>): void;
  mark(name: string, now: number): void;
  /**
   * Requests that began at `instant` or later, by the app that answered.
   * @throws RangeError when that is longer ago than the last 262,144 answers
   */
  begunSince(instant: number): Readonly<Record<string, number>>;
  summary(): LoadSummary;
  snapshot(now: number): LoadSnapshot;
}

export function createLoadRecord(startedAt: number): LoadRecord {
  const total = newPhase('total', startedAt);
  const phases: Phase[] = [newPhase('start', startedAt)];
  const failuresByKind: Record<FailureKind, number> = { status: 0, body: 0, connection: 0, timeout: 0 };
  const failed: LoadFailure[] = [];
  // A ring, in the order of the answers: what was asked when, and who answered.
  const names: string[] = [];
  const begun = new Float64Array(remembered);
  const done = new Float64Array(remembered);
  const by = new Uint16Array(remembered);
  let answers = 0;
  let inFlight = 0;

  function remember(app: string, begunAt: number, now: number): void {
    let name = names.indexOf(app);
    if (name < 0) name = names.push(app) - 1;
    const at = answers % remembered;
    begun[at] = begunAt;
    done[at] = now;
    by[at] = name;
    answers += 1;
  }

  /** From the newest answer back to the last that came before the instant. */
  function count(instant: number, when: Float64Array): Record<string, number> {
    const found: Record<string, number> = {};
    const oldest = Math.max(0, answers - remembered);
    for (let n = answers - 1; n >= oldest; n -= 1) {
      const at = n % remembered;
      if ((done[at] ?? 0) < instant) return found;
      const name = names[by[at] ?? 0] ?? '';
      if ((when[at] ?? 0) >= instant) found[name] = (found[name] ?? 0) + 1;
    }
    if (oldest > 0) throw new RangeError(`only the last ${remembered} answers are remembered`);
    return found;
  }

  function summary(): LoadSummary {
    const { name: _, ...all } = view(total);
    return { ...all, phases: phases.map(view), failuresByKind: { ...failuresByKind }, failed: [...failed] };
  }

  return {
    begin() {
      inFlight += 1;
      return phases.at(-1) ?? total;
    },
    answered(phase, app, begunAt, now) {
      inFlight -= 1;
      remember(app, begunAt, now);
      for (const each of [phase, total]) {
        each.requests += 1;
        each.latency.add(now - begunAt);
        const known = each.apps.get(app);
        each.apps.set(app, {
          answers: (known?.answers ?? 0) + 1,
          firstBegunAt: Math.min(known?.firstBegunAt ?? begunAt, begunAt),
          lastBegunAt: Math.max(known?.lastBegunAt ?? begunAt, begunAt),
        });
      }
    },
    failed(phase, failure) {
      inFlight -= 1;
      failuresByKind[failure.kind] += 1;
      if (failed.length < failuresKept) failed.push({ ...failure, phase: phase.name });
      for (const each of [phase, total]) {
        each.requests += 1;
        each.failures += 1;
      }
    },
    mark: (name, now) => void phases.push(newPhase(name, now)),
    begunSince: (instant) => count(instant, begun),
    summary,
    snapshot: (now) => ({ ...summary(), inFlight, lastSecond: count(now - 1000, done) }),
  };
}

function newPhase(name: string, startedAt: number): Phase {
  return { name, startedAt, requests: 0, failures: 0, apps: new Map(), latency: createLatencyHistogram() };
}

function view(phase: Phase): PhaseSummary {
  const { name, startedAt, requests, failures, apps, latency } = phase;
  return { name, startedAt, requests, failures, apps: Object.fromEntries(apps), latency: latency.summary() };
}
