/** What a Baton that has followed Marathon for a while has not loaded. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { listenerApp, versionApp } from '../support/apps.ts';
import { setStage } from './stage.ts';

it("Node's own fetch, WebSocket and events, a second undici of 17 MB, are never loaded", async () => {
  const stage = await setStage();
  const [script, list] = [join(stage.stateDir, 'exit.mjs'), join(stage.stateDir, 'loaded.txt')];
  await writeFile(
    script,
    `import { writeFileSync } from 'node:fs';
     process.on('exit', () => writeFileSync(${JSON.stringify(list)}, process.moduleLoadList.join('\\n')));`,
  );
  const baton = await stage.startBaton({ under: ['env', `NODE_OPTIONS=--import=${script}`] });
  await stage.post(listenerApp('app1'));
  await stage.carried({ app1: 100 });
  await stage.post(versionApp('app1-100', { service: 'app1', priority: 10 }));
  await stage.carried({ 'app1-100': 100 });
  expect(await baton.metric('baton_marathon_events_total')).toBeGreaterThan(0);
  expect(await baton.end()).toBe(0);
  const loaded = (await readFile(list, 'utf8')).split('\n');
  expect(loaded).toContain('NativeModule http');
  expect(loaded.filter((name) => /deps.undici/.test(name))).toEqual([]);
});
