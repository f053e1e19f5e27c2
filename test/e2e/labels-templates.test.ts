/** HAProxy's own words in labels, with `--allow-templates`: in the app's own backend or a diagnostic, and never at another's cost. */
import { expect, it } from 'vitest';
import { freePorts } from '../support/free-ports.ts';
import { request } from '../support/load.ts';
import { until } from '../support/wait.ts';
import { appsAt, labelled } from './labelled.ts';
import { answered, expectNoFailure, setStage } from './stage.ts';

const templates: Readonly<Record<string, string>> = {
  good: 'backend {backend}\n  balance {balance}\n  mode {mode}\n  http-response set-header X-Mine {backend}\n',
  section: 'backend {backend}\n  timeout server 1m\nlisten evil\n  bind :1\n',
  misspelt: 'backend {backend}\n  timeout serwer 1m\n',
  nonsense: 'backend {nonsense}\n',
};

it('templates are in the backends of their own app, or told and left out', async () => {
  const [statistics = 0] = await freePorts(1);
  const flags = ['--group', 'external', '--allow-templates', '--stats-bind', `127.0.0.1:${statistics}`];
  const stage = await setStage({ flags });
  const baton = await stage.startBaton();
  const names = Object.keys(templates);
  const ports = await freePorts(names.length + 1);
  await stage.post(labelled('app1', [ports.at(-1) ?? 0], { HAPROXY_0_VHOST: '127.0.0.1' }));
  await stage.carried({ app1: 100 });
  const load = stage.load(200);
  await answered(load, 50);
  for (const [index, name] of names.entries()) {
    const labels = { HAPROXY_0_VHOST: `${name}.example`, HAPROXY_0_BACKEND_HEAD: templates[name] ?? '' };
    await stage.post(labelled(name, [ports[index] ?? 0], labels));
    await until(name, async () => (await appsAt(stage.port, `${name}.example`, '/', 1)) === `/${name}`);
  }
  const ask = (host: string) => request(stage.port, { path: '/', headers: { host } });
  expect((await ask('good.example')).headers['x-mine']).toBe(`good_${ports[0]}`);
  for (const host of ['127.0.0.1', 'section.example'])
    expect((await ask(host)).headers['x-mine']).toBeUndefined();
  const told = (await baton.diagnostics()).filter(({ code }) => code.startsWith('template'));
  expect(told.map(({ code, app, label }) => `${code} ${app} ${label}`).toSorted()).toEqual([
    'template-rejected /misspelt HAPROXY_0_BACKEND_HEAD',
    'template-unfit /nonsense HAPROXY_0_BACKEND_HEAD',
    'template-unfit /section HAPROXY_0_BACKEND_HEAD',
  ]);
  expect(told.find(({ app }) => app === '/misspelt')?.problem).toContain('serwer');
  // And where marathon-lb showed them.
  const shown = async (path: string) => (await request(statistics, { path })).body;
  expect((await shown('/_haproxy_getconfig')).match(/set-header X-Mine/g)).toHaveLength(4);
  expect(await shown('/_haproxy_getvhostmap')).toContain('good.example good\n');
  expect(await shown('/_haproxy_getappmap')).toContain('/good good:a\n');
  await answered(load, 50);
  await expectNoFailure(load);
});
