/** Orders on the command line, seen by the service: a canary that waits for a person, end to end. */
import { expect, it } from 'vitest';
import { listenerApp, versionApp } from '../support/apps.ts';
import { baton } from '../support/command.ts';
import { until } from '../support/wait.ts';
import { setStage } from './stage.ts';

it('waits at 20 %, is sent back, tried again, set by hand, let go and promoted', async () => {
  const stage = await setStage();
  const running = await stage.startBaton();
  const run = async (...argv: string[]) => {
    const { status, stdout, stderr } = await baton([...argv, '--baton', running.url, '--by', 'anna']);
    return `${status} ${stdout}${stderr}`;
  };
  const ask = async (...argv: string[]) => (await baton([...argv, '--baton', running.url])).stdout;
  await stage.post(listenerApp('app1'));
  await stage.carried({ app1: 100 });
  expect(await run('promote', 'app1')).toMatch(/^1 baton promote: ./);
  const steps = [{ weight: 20, pause: true }, { weight: 100 }];
  await stage.post(versionApp('app1-100', { service: 'app1', priority: 10, steps }));
  await stage.carried({ app1: 80, 'app1-100': 20 });
  await until('the pause', async () => (await running.service('/app1')).transition?.phase === 'paused');
  expect(await ask('status')).toContain('app1: to app1-100 from app1: step 1 of 2 (20 %), paused');

  expect(await run('abort', 'app1', '--why', 'a rehearsal')).toMatch(/^0 app1: ./);
  await stage.carried({ app1: 100 });
  expect(await ask('status')).toContain('app1: app1-100 was sent back');
  expect(await run('retry', 'app1')).toMatch(/^0 app1: ./);
  await stage.carried({ app1: 80, 'app1-100': 20 });

  expect(await run('weight', 'app1', 'app1-100=33.33')).toMatch(/^0 app1: ./);
  await stage.carried({ app1: 66.67, 'app1-100': 33.33 });
  expect(await ask('explain', 'app1')).toMatch(/weights set by hand by anna at .*: app1-100\s+33\.33 %/);
  expect(await run('resume', 'app1')).toMatch(/^0 app1: ./);
  await stage.carried({ app1: 80, 'app1-100': 20 });

  expect(await run('promote', 'app1', '--full')).toMatch(/^0 app1: ./);
  await stage.carried({ 'app1-100': 100 });
  const history = await ask('history', 'app1');
  expect(history).toMatch(/anna ordered abort \(a rehearsal\)[^]*anna ordered retry[^]*anna ordered weight/);
  expect(history.match(/ {2}transition to app1-100 from app1 begins/g)).toHaveLength(2);
});
