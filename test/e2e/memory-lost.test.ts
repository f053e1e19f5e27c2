/** The memory is damaged: the weights stay, Baton says so, and a person decides how it goes on. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { listenerApp, versionApp } from '../support/apps.ts';
import { until } from '../support/wait.ts';
import { order } from './order.ts';
import { answered, expectNoFailure, setStage, type Stage } from './stage.ts';

const steps = [{ weight: 20, pause: true }, { weight: 40, pause: true }, { weight: 100 }];
const garbage = '{"version": 1, "parts": {"pl';

/** The new version waits at its first step, and clients ask without pause. */
async function atFirstStep() {
  const stage = await setStage();
  await stage.startBaton();
  await stage.post(listenerApp('app1'));
  await stage.carried({ app1: 100 });
  const load = stage.load(100);
  await stage.post(versionApp('app1-100', { service: 'app1', priority: 10, steps }));
  await stage.carried({ app1: 80, 'app1-100': 20 });
  return { stage, load };
}

/** Baton is killed, what it remembers is garbage, and it is started again. */
async function damaged(stage: Stage) {
  await stage.baton().end('SIGKILL');
  const file = join(stage.stateDir, 'memory.json');
  await writeFile(file, garbage);
  const baton = await stage.startBaton();
  const message = 'the saved memory was damaged and is kept aside';
  expect(baton.log.find(({ msg }) => msg === message)).toMatchObject({ keptAt: `${file}.damaged` });
  expect(await readFile(`${file}.damaged`, 'utf8')).toBe(garbage);
  return baton;
}

it.each([
  ['promote', { full: true }, { 'app1-100': 100 }, 'settled'],
  ['abort', {}, { app1: 100 }, 'aborted'],
  // It begins again: nobody knows which step it was.
  ['resume', {}, { app1: 80, 'app1-100': 20 }, 'transition'],
] as const)('%s', async (verb, more, weights, phase) => {
  const { stage, load } = await atFirstStep();
  await order(stage.baton(), 'app1', 'promote');
  await stage.carried({ app1: 60, 'app1-100': 40 });

  const baton = await damaged(stage);
  await stage.carried({ app1: 60, 'app1-100': 40 });
  await answered(load, 100);
  const found = await baton.service('/app1');
  expect(found).toMatchObject({ phase: 'manual', because: { code: 'memory-lost' }, transition: null });
  expect(await baton.metric('baton_traffic_moves_total')).toBe(0);

  expect(await order(baton, 'app1', verb, more)).toBe(200);
  await stage.carried(weights);
  await until(`phase ${phase}`, async () => (await baton.service('/app1')).phase === phase);
  await expectNoFailure(load);
});

it('who was sent back gets nothing before somebody retries it', async () => {
  const { stage, load } = await atFirstStep();
  await order(stage.baton(), 'app1', 'abort');
  await stage.carried({ app1: 100 });

  const baton = await damaged(stage);
  await until('people to be asked', async () => {
    const { phase, because } = await baton.service('/app1');
    return phase === 'waiting' && because.code === 'memory-lost';
  });
  await answered(load, 100);
  expect(await baton.metric('baton_traffic_moves_total')).toBe(0);
  expect(await order(baton, 'app1', 'retry')).toBe(200);
  await stage.carried({ app1: 80, 'app1-100': 20 });
  await expectNoFailure(load);
});
