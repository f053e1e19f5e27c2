/** How each fault strikes, and ends as far as it ends by itself. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { haproxyPid } from '../../support/baton.ts';
import { until } from '../../support/wait.ts';
import type { Expected, FaultName } from './outcomes.ts';
import type { Scene } from './scene.ts';

export interface Circumstances {
  readonly expected: Expected;
  /** How long Marathon is away, ms. */
  readonly awayMs: number;
}

type Strike = (scene: Scene, circumstances: Circumstances) => Promise<void>;

const answersMeanwhile = 20;

export const strikes: Readonly<Record<FaultName, Strike>> = {
  async 'Baton killed'(scene) {
    await withoutBaton(scene, async () => undefined);
  },
  async 'HAProxy killed'({ lane: { stage } }) {
    const before = await haproxyPid(stage.stateDir);
    process.kill(before ?? 0, 'SIGKILL');
    await until('another HAProxy', async () => {
      const now = await haproxyPid(stage.stateDir);
      return now !== null && now !== before;
    });
    await until('answers', async () => (await fetch(`http://127.0.0.1:${stage.port}/`)).ok);
  },
  async 'Marathon away'({ lane: { stage }, load }, { awayMs }) {
    const { faults } = stage.simulator;
    faults.set({ kind: 'error', status: 503, probability: 1, route: '/v2/*' });
    faults.set({ kind: 'refuse-stream' });
    faults.set({ kind: 'drop-stream', how: 'reset' });
    const before = load.snapshot().requests;
    await pause(awayMs);
    expect(load.snapshot().requests).toBeGreaterThan(before + answersMeanwhile);
    faults.clear();
  },
  async 'store damaged'(scene) {
    const { stateDir } = scene.lane.stage;
    await withoutBaton(scene, () => writeFile(join(stateDir, 'memory.json'), '{"version":1,"parts":{"pl'));
  },
  async abort(scene, { expected }) {
    expect(await scene.order('abort', { why: 'a fault' })).toBe(expected.meanwhile === 'refused' ? 409 : 200);
  },
  'newer version': (scene) => scene.postNewest(),
  'app deleted': (scene) => scene.remove(scene.ids.new),
  'scaled to 0': (scene) => scene.scale(scene.ids.new, 0),
  'new tasks die': (scene) => crash(scene, scene.ids.new),
  'old tasks die': (scene) => crash(scene, scene.ids.old),
};

/** Traffic goes on without it. */
async function withoutBaton({ lane, load }: Scene, meanwhile: () => Promise<void>): Promise<void> {
  await lane.stage.baton().end('SIGKILL');
  await meanwhile();
  const before = load.snapshot().requests;
  await until('answers without Baton', () => load.snapshot().requests > before + answersMeanwhile);
  await lane.startBaton();
}

/** All of its tasks at once; over when Marathon runs as many others. */
async function crash({ lane: { stage } }: Scene, id: string): Promise<void> {
  const app = `/${id}`;
  const dead = new Set(stage.simulator.crashApp(app));
  await until('other tasks in their place', async () => {
    const tasks = await stage.simulator.tasks();
    const others = tasks.filter((task) => task.app === app && !dead.has(task.id) && task.ports.length > 0);
    return others.length >= dead.size;
  });
}
