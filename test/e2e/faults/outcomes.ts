/**
 * What every fault in every phase of a transition comes to. docs/transitions.md shows this table; `npm run soak faults` plays
 * all of it, and `npm test` a sample.
 */

/** The phases in which a fault strikes, and how each is brought about. */
export const phaseTable = {
  waiting: 'The new version is not healthy.',
  holding: 'The first of two steps, 20 %, lasts for a minute.',
  judging: 'The first step, 20 %, asks for a judgement, and there are too few requests for one.',
  paused: 'The first step, 20 %, waits for a person.',
  growing: '`"capacity": "match"`: 20 % have moved, and the instances for the rest do not come up.',
  leaving: '`"strategy": "rolling"`: an old instance that is to go has requests in progress.',
  draining: 'The new version has everything; the old one has requests in progress.',
  aborted: 'A person has sent the new version back.',
  retiring: 'The new version has everything; the old one is to be scaled to 0 some seconds later.',
  manual: 'In a pause at 20 % a person has set 30 % by hand.',
} as const satisfies Readonly<Record<string, string>>;

export type PhaseName = keyof typeof phaseTable;

export const faultTable = {
  'Baton killed': 'Baton is killed with SIGKILL, and started again after a while.',
  'HAProxy killed': "HAProxy's master process is killed with SIGKILL.",
  'Marathon away': 'Marathon answers nothing but 503, and its event stream is refused.',
  'store damaged': 'Baton is killed, its `memory.json` is filled with garbage, and it is started again.',
  abort: 'A person says `abort`.',
  'newer version': 'A third version is posted, of a higher priority and without steps.',
  'app deleted': "The new version's app is deleted.",
  'scaled to 0': "The new version's app is scaled to 0.",
  'new tasks die': 'All tasks of the new version crash; Marathon starts others.',
  'old tasks die': 'All tasks of the old version crash; Marathon starts others.',
} as const satisfies Readonly<Record<string, string>>;

export type FaultName = keyof typeof faultTable;

/** How it is once the fault has struck. */
export const meanwhileTable = {
  stays: 'the phase and its weights are as they were, at the latest when the tasks are up again',
  held: 'the weights are those of the phase; what was known of the new version is lost, and a person decides',
  refused: 'the order makes no sense here and is refused; nothing else happens',
  'goes on': 'what was waited for is gone or forgotten, so that nothing is waited for any longer',
  old: 'the old version has everything',
  newest: 'the third version has everything',
} as const satisfies Readonly<Record<string, string>>;

/** Who has everything in the end: when the fault is over, and nobody holds anything up any more. */
export type End = 'old' | 'new' | 'newest';

export type Cell = `${keyof typeof meanwhileTable}, then ${End}` | 'old' | 'newest';

const calm = {
  'Baton killed': 'stays, then new',
  'HAProxy killed': 'stays, then new',
  'Marathon away': 'stays, then new',
  'new tasks die': 'stays, then new',
  'old tasks die': 'stays, then new',
} as const;

const gone = { 'newer version': 'newest', 'app deleted': 'old', 'scaled to 0': 'old' } as const;

/** On the way, with traffic on both versions. */
const underWay = { ...calm, ...gone, 'store damaged': 'held, then new', abort: 'old' } as const;

/** All traffic has moved already. */
const moved = {
  ...calm,
  ...gone,
  'store damaged': 'goes on, then new',
  abort: 'refused, then new',
} as const;

export const outcomes: Readonly<Record<PhaseName, Readonly<Record<FaultName, Cell>>>> = {
  waiting: { ...calm, ...gone, 'store damaged': 'held, then new', abort: 'old' },
  holding: underWay,
  judging: underWay,
  paused: underWay,
  // Those that Marathon starts in their place do not come up either.
  growing: { ...underWay, 'new tasks die': 'old' },
  leaving: { ...underWay, 'HAProxy killed': 'goes on, then new', 'old tasks die': 'goes on, then new' },
  draining: { ...moved, 'HAProxy killed': 'goes on, then new', 'old tasks die': 'goes on, then new' },
  aborted: {
    ...gone,
    'Baton killed': 'stays, then old',
    'HAProxy killed': 'stays, then old',
    'Marathon away': 'stays, then old',
    'store damaged': 'held, then old',
    abort: 'refused, then old',
    'new tasks die': 'stays, then old',
    'old tasks die': 'stays, then old',
  },
  retiring: moved,
  manual: { ...underWay, 'newer version': 'stays, then newest' },
};

/** Where nobody is left who could serve, so that requests fail until tasks are up again. */
const nobodyElse: readonly (readonly [PhaseName, FaultName])[] = [['waiting', 'old tasks die']];

export function leavesNobody(phase: PhaseName, fault: FaultName): boolean {
  return nobodyElse.some(([inPhase, struck]) => inPhase === phase && struck === fault);
}

export const phaseNames = Object.keys(phaseTable) as readonly PhaseName[];
export const faultNames = Object.keys(faultTable) as readonly FaultName[];

export interface Expected {
  readonly meanwhile: keyof typeof meanwhileTable;
  readonly end: End;
}

export function expectedOf(phase: PhaseName, fault: FaultName): Expected {
  const cell = outcomes[phase][fault];
  if (cell === 'old' || cell === 'newest') return { meanwhile: cell, end: cell };
  const [meanwhile, end] = cell.split(', then ') as [Expected['meanwhile'], End];
  return { meanwhile, end };
}
