/** How a case is brought into each phase, and how it goes on when the fault is over. */
import type { PhaseName } from './outcomes.ts';
import type { Scene, Setting, Weights } from './scene.ts';

export interface Phase {
  readonly setting: Setting;
  enter(scene: Scene): Promise<void>;
  /** What the phase waits for comes. Also when the fault has ended the phase. */
  release(scene: Scene): Promise<void>;
  readonly weights: Weights;
}

const plain: Setting = { oldInstances: 2, long: false };
const canary: Weights = { new: 20, old: 80 };
const pause = { steps: [{ weight: 20, pause: true }, { weight: 100 }] };

/** As a person does who wants it to go on: refused where nothing is under way any more. */
async function letGo(scene: Scene): Promise<void> {
  const { manual } = await scene.view();
  if (manual !== null) await scene.order('resume');
  await promote(scene);
}

async function isForgotten(scene: Scene): Promise<boolean> {
  return (await scene.view()).because.code === 'memory-lost';
}

async function promote(scene: Scene): Promise<void> {
  await scene.looks('a step that can be promoted, or an end', ({ phase, transition }) =>
    transition === null ? phase !== 'waiting' : transition.phase !== 'shifting',
  );
  await scene.order('promote', { full: true });
}

function inTransition(scene: Scene, phase: string): Promise<void> {
  return scene.looks(`phase ${phase}`, ({ transition }) => transition?.phase === phase);
}

async function toPause(scene: Scene): Promise<void> {
  await scene.postNew(pause);
  await scene.carried(canary);
  await inTransition(scene, 'paused');
}

export const phases: Readonly<Record<PhaseName, Phase>> = {
  waiting: {
    setting: plain,
    weights: { old: 100 },
    async enter(scene) {
      await scene.postNew({}, { unhealthy: true });
      await scene.looks('the new version to be waited for', ({ phase }) => phase === 'waiting');
    },
    async release(scene) {
      await healed(scene);
      if (await isForgotten(scene)) await scene.order('retry');
    },
  },
  holding: {
    setting: plain,
    weights: canary,
    async enter(scene) {
      await scene.postNew({ steps: [{ weight: 20, hold: '60s' }, { weight: 100 }] });
      await inTransition(scene, 'holding');
    },
    release: letGo,
  },
  judging: {
    setting: plain,
    weights: canary,
    async enter(scene) {
      await scene.postNew({
        steps: [{ weight: 20, analysis: true }, { weight: 100 }],
        analysis: { maxErrorRate: 0.5, minRequests: 1_000_000, interval: '1s' },
      });
      await inTransition(scene, 'judging');
    },
    release: letGo,
  },
  paused: { setting: plain, weights: canary, enter: toPause, release: letGo },
  growing: {
    setting: plain,
    weights: canary,
    async enter(scene) {
      const { simulator } = scene.lane.stage;
      await scene.postNew({ ...pause, capacity: 'match', ready: { grace: '5s' } }, { instances: 1 });
      await inTransition(scene, 'paused');
      const app = `/${scene.ids.new}`;
      for (const task of await simulator.tasks())
        if (task.app === app) simulator.behaveTask(task.id, { unhealthy: false });
      simulator.behaveApp(app, { unhealthy: true });
      await scene.order('promote');
      await inTransition(scene, 'growing');
    },
    async release(scene) {
      await healed(scene);
      await letGo(scene);
    },
  },
  leaving: {
    setting: { oldInstances: 3, long: true },
    weights: { new: 66.67, old: 33.33 },
    async enter(scene) {
      await scene.postNew({ strategy: 'rolling' }, { instances: 1 });
      await scene.carried({ new: 66.67, old: 33.33 });
      await inTransition(scene, 'leaving');
    },
    async release(scene) {
      scene.long?.end();
      if ((await scene.view()).manual !== null) await scene.order('resume');
    },
  },
  draining: {
    setting: { oldInstances: 2, long: true },
    weights: { new: 100 },
    async enter(scene) {
      await scene.postNew({});
      await scene.looks('the old version to drain', ({ phase }) => phase === 'draining');
    },
    async release(scene) {
      scene.long?.end();
    },
  },
  aborted: {
    setting: plain,
    weights: { old: 100 },
    async enter(scene) {
      await toPause(scene);
      await scene.order('abort');
      await scene.looks('the new version to be sent back', ({ phase }) => phase === 'aborted');
      await scene.carried({ old: 100 });
    },
    async release(scene) {
      if (await isForgotten(scene)) await scene.order('abort');
      else await letGo(scene);
    },
  },
  retiring: {
    setting: plain,
    weights: { new: 100 },
    async enter(scene) {
      await scene.postNew({ retire: 'scale-to-zero', retireAfter: '10s' });
      await scene.carried({ new: 100 });
      await scene.looks('the old version to have drained', ({ phase }) => phase === 'settled');
    },
    async release() {
      // Time does.
    },
  },
  manual: {
    setting: plain,
    weights: { new: 30, old: 70 },
    async enter(scene) {
      await toPause(scene);
      await scene.order('weight', { pool: `/${scene.ids.new}`, percent: 30 });
      await scene.carried({ new: 30, old: 70 });
    },
    release: letGo,
  },
};

async function healed(scene: Scene): Promise<void> {
  if ((await scene.instances(scene.ids.new)) === null) return;
  scene.lane.stage.simulator.behaveApp(`/${scene.ids.new}`, { unhealthy: false });
}
