/** What the simulator and the process that runs its tasks say to each other, over the process channel. */
import type { Behaviour } from './behaviour.ts';
import type { Ending, TaskCounters, TaskSpec } from './task-host.ts';

export type ToRunner =
  | { readonly type: 'launch'; readonly spec: TaskSpec }
  | { readonly type: 'stop'; readonly task: string; readonly graceMs: number }
  | { readonly type: 'crash'; readonly task: string }
  | { readonly type: 'behave'; readonly task: string; readonly behaviour: Behaviour }
  | { readonly type: 'count'; readonly question: number };

export type FromRunner =
  | {
      readonly type: 'listening';
      readonly task: string;
      readonly address: string;
      readonly ports: readonly number[];
    }
  | { readonly type: 'ended'; readonly task: string; readonly how: Ending; readonly message: string }
  | {
      readonly type: 'counted';
      readonly question: number;
      readonly tasks: readonly (readonly [string, TaskCounters])[];
    };
