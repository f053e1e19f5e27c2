/** The port to whatever runs the tasks: real servers in a child process, or addresses only. */
import type { Behaviour } from './behaviour.ts';

export interface TaskSpec {
  readonly id: string;
  readonly app: string;
  readonly version: string;
  /** Address to listen on; null: one of its own (network mode `container`). */
  readonly host: string | null;
  /** One server per port index; 0: any free port. */
  readonly ports: readonly number[];
  /** Paths of the version's HTTP checks. */
  readonly checkPaths: readonly string[];
  /** Paths of the version's readiness checks. */
  readonly readinessPaths: readonly string[];
  /** Whether probes of other paths get 404. */
  readonly strictPath: boolean;
  readonly behaviour: Behaviour;
}

/** Counters of one task since it started, and what it holds now. */
export interface TaskCounters {
  /** Requests answered that were no probes. */
  readonly requests: number;
  /** Those of them that were told to fail. */
  readonly failed: number;
  readonly probes: number;
  /** Open connections. */
  readonly sessions: number;
  readonly inFlight: number;
}

/** How a task ended: `killed` on request, `failed` by itself. */
export type Ending = 'killed' | 'failed';

export interface TaskListener {
  listening(task: string, address: string, ports: readonly number[]): void;
  ended(task: string, how: Ending, message: string): void;
}

export interface TaskHost {
  /** Answers with `listening`, or with `ended` when it cannot start. */
  launch(spec: TaskSpec): void;
  /** Like SIGTERM, and SIGKILL after `graceMs`. Answers with `ended`, also for a task that it does not know. */
  stop(task: string, graceMs: number): void;
  /** Like kill -9 on the task: all sockets are reset at once. Answers nothing: nobody has noticed yet. */
  crash(task: string): void;
  behave(task: string, behaviour: Behaviour): void;
  counters(): Promise<ReadonlyMap<string, TaskCounters>>;
  close(): Promise<void>;
}
