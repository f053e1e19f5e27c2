/** The history of a service, over restarts of Baton and whatever becomes of its file. */
import { appendFile, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { listenerApp, versionApp } from '../support/apps.ts';
import type { BatonProcess } from '../support/baton.ts';
import { until } from '../support/wait.ts';
import { setStage } from './stage.ts';

interface Told {
  readonly at: string;
  readonly kind: string;
  readonly text: string;
}

async function history({ url }: BatonProcess): Promise<readonly Told[]> {
  const answer = await fetch(`${url}/v1/services/app1/history?limit=200`);
  return ((await answer.json()) as { entries: Told[] }).entries;
}

const moves = (entries: readonly Told[]) =>
  entries.filter(({ kind }) => kind === 'traffic-moved').map(({ text }) => text);

it('a Baton that was killed goes on with it, and tells nothing twice', async () => {
  const stage = await setStage();
  const baton = await stage.startBaton();
  await stage.post(listenerApp('app1'));
  await stage.carried({ app1: 100 });
  await stage.post(versionApp('app1-100', { service: 'app1', priority: 10 }));
  await stage.carried({ 'app1-100': 100 });
  await until('it to settle', async () => (await baton.service('/app1')).phase === 'settled');
  const before = await history(baton);
  expect(moves(before)).toEqual([
    'traffic: app1 100 %; app1 is the only version',
    'traffic: app1-100 100 %; priority 10 is the highest that can serve',
  ]);
  const path = join(stage.stateDir, 'journal.jsonl');
  const lines = async () => (await readFile(path, 'utf8')).trimEnd().split('\n').length;
  await until('it to be saved', async () => (await lines()) === before.length);
  await baton.end('SIGKILL');
  await appendFile(path, '{"at": 17, "serv');

  const next = await stage.startBaton();
  await until('the service', async () => (await next.services()).length === 1);
  expect(await history(next)).toEqual(before);
  expect(next.log.filter(({ msg }) => msg === 'lines of the history were damaged and are left out')).toEqual([
    expect.objectContaining({ level: 'warn', lines: 1 }),
  ]);
  await stage.put('app1-100', { instances: 0 });
  await stage.carried({ app1: 100 });
  await until('it to be told', async () => moves(await history(next)).length === 3);
});

it('traffic moves although it cannot be written, and it is kept for when it can be', async () => {
  const stage = await setStage();
  const path = join(stage.stateDir, 'journal.jsonl');
  const baton = await stage.startBaton();
  await mkdir(path);
  await stage.post(listenerApp('app1'));
  await stage.carried({ app1: 100 });
  await until('a word about it', () =>
    baton.log.some(({ msg }) => msg === 'could not save the history; will try again'),
  );
  await stage.post(versionApp('app1-100', { service: 'app1', priority: 10 }));
  await stage.carried({ 'app1-100': 100 });
  await rm(path, { recursive: true });
  await baton.end();
  const next = await stage.startBaton();
  expect(moves(await history(next))).toHaveLength(2);
});
