/** Bad days as one layer: what stands between the world and its clients, and what is done to the world itself. */
import type { ServerResponse } from 'node:http';
import { type AnswerFaults, createAnswerFaults } from './faults-answers.ts';
import { createEventFaults } from './faults-events.ts';
import { createStreamFaults } from './faults-stream.ts';
import { createFaults, type FaultRegistry, repeat } from './faults.ts';
import type { Timers } from './timers.ts';
import type { MarathonEvent } from './world.ts';

export interface FaultLayer extends AnswerFaults {
  readonly control: FaultRegistry;
  /** Lays a response of the event stream on a wire that can fail. */
  stream(response: ServerResponse): ServerResponse;
  /** Publishes an event, or does not. */
  event(event: MarathonEvent): void;
  /** The time as the server has it, in ms. */
  now(): number;
}

export interface FaultLayerOptions {
  readonly seed: number;
  readonly timers: Timers;
  readonly writesEmptyLists: boolean;
  readonly publish: (event: MarathonEvent) => void;
  /** Another node leads, which knows nothing of health, or all. */
  readonly changeLeader: (health: 'forget' | 'keep') => void;
  /** Takes the leader's node away. @returns what lets it come back */
  readonly failLeader: () => () => void;
  readonly revokeTokens: () => void;
  /** The clock has jumped by so many ms. */
  readonly clockJumped: (ms: number) => void;
}

export function createFaultLayer(options: FaultLayerOptions): FaultLayer {
  const { timers } = options;
  const control = createFaults({ seed: options.seed, timers });
  let wrongMs = 0;

  function jump(ms: number): void {
    wrongMs += ms;
    options.clockJumped(ms);
  }

  control.when('wrong-clock', ({ minutes }) => {
    jump(minutes * 60_000);
    return () => jump(-minutes * 60_000);
  });
  control.when('leader-change', ({ everyMs, health }) =>
    repeat(timers, everyMs, () => options.changeLeader(health)),
  );
  control.when('revoke-tokens', ({ everyMs }) => repeat(timers, everyMs, options.revokeTokens));
  control.when('leader-down', ({ health }) => {
    const comeBack = options.failLeader();
    options.changeLeader(health);
    return comeBack;
  });
  return {
    control,
    ...createAnswerFaults(control, options),
    stream: createStreamFaults(control, timers),
    event: createEventFaults(control, timers, options.publish),
    now: () => Date.now() + wrongMs,
  };
}
