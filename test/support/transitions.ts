/** Verdicts about transitions, made by hand: what the planner would say, without the planner. */
import { appId, millis, serviceOf } from '../../src/model/ids.ts';
import type { Because } from '../../src/plan/because.ts';
import type { Ended, JudgementMemory, TransitionView } from '../../src/plan/transition/types.ts';
import type { PoolState, ServiceVerdict } from '../../src/plan/verdict.ts';
import { up, World } from '../plan/world.ts';

export const service = serviceOf(appId('app1'));
export const because: Because = { code: 'highest-priority', text: 'priority 10 is the highest', facts: {} };

export const unjudged: JudgementMemory = {
  window: null,
  made: 0,
  failures: 0,
  inconclusive: 0,
  errors: 0,
  succeeded: false,
  inStep: 0,
  last: null,
};

const settled = new World([
  { id: 'app1', priority: 0, tasks: up('app1', 2) },
  { id: 'app1-100', priority: 10, tasks: up('app1-100', 2) },
]).settle().services[0] as ServiceVerdict;

/** The verdict of app1 and app1-100, with what differs. */
export function verdict(
  different: Partial<ServiceVerdict> = {},
  states: Readonly<Record<string, PoolState>> = {},
): ServiceVerdict {
  const pools = settled.pools.map((pool) => ({ ...pool, state: states[pool.app] ?? pool.state }));
  return { ...settled, ...different, pools };
}

/** The first of three steps, 5 %, held for a minute from 1 s on. */
export function view(different: Partial<TransitionView> = {}): TransitionView {
  return {
    phase: 'holding',
    strategy: 'switch',
    startedAt: millis(1000),
    to: [appId('app1-100')],
    from: [appId('app1')],
    step: 1,
    steps: 3,
    weight: 500,
    holdEndsAt: millis(61_000),
    paused: null,
    judgement: unjudged,
    because,
    ...different,
  };
}

export function ended(different: Partial<Ended> = {}): Ended {
  return {
    outcome: 'complete',
    to: [appId('app1-100')],
    startedAt: millis(1000),
    endedAt: millis(200_000),
    because,
    ...different,
  };
}
