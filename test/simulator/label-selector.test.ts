/** The grammar of the `label` filter, and the filters over HTTP. */
import { expect, onTestFinished, test } from 'vitest';
import { labelSelector } from '../../src/simulator/label-selector.ts';
import { appOf, rig } from './support.ts';

const labels = { a: '', tier: 'web', 'x.y/z': 'a b' };

test.each([
  ['a', true],
  ['b', false],
  ['tier==web', true],
  ['tier == db', false],
  ['tier!=db', true],
  ['tier!=web', false],
  ['none!=db', false],
  ['tier in (db, web)', true],
  ['tier in ()', false],
  ['tier notin (db,web)', false],
  ['tier notin (db)', true],
  ['none notin (db)', false],
  ['a, tier==web', true],
  ['a, tier==db', false],
  [String.raw`x.y\/z == a\ b`, true],
])('%s: %s', (text, expected) => {
  expect(labelSelector(text)(labels)).toBe(expected);
});

test.each(['', '==', 'a==', 'a=b', 'a in', 'a in (b', 'a in b', 'a,', 'a b', 'a/b', 'a in (b c)'])(
  "'%s' is no selector",
  (text) => {
    expect(() => labelSelector(text)).toThrow(`Can not parse label selector ${text}.`);
  },
);

test('filters of /v2/apps', async () => {
  const it = await rig({ tasks: 'addresses' });
  onTestFinished(() => it.sim.close());
  await it.deploy('POST', '/v2/apps', appOf('/shop/web', { cmd: 'Serve pages', labels: { tier: 'web' } }));
  await it.deploy('POST', '/v2/apps', appOf('/shop/db', { cmd: 'keep', labels: { tier: 'db' } }));
  const found = async (query: string): Promise<readonly string[]> =>
    (await it.call<{ apps: { id: string }[] }>('GET', `/v2/apps?${query}`)).body.apps.map(({ id }) => id);
  expect(await found('label=tier==web')).toEqual(['/shop/web']);
  expect(await found('label=tier&label=tier!=web')).toEqual(['/shop/db']);
  expect(await found('id=SHOP/D')).toEqual(['/shop/db']);
  expect(await found('cmd=serve')).toEqual(['/shop/web']);
  expect(await found('cmd=e&id=none')).toEqual([]);
  expect((await it.call('GET', '/v2/apps?label=tier%20in')).status).toBe(422);
});
