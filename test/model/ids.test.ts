/** Identifiers: canonical spellings, and names that never meet. */
import { describe, expect, test } from 'vitest';
import { appId, safeName, serverName, slotIndex, slotName, taskId } from '../../src/model/ids.ts';

const uuid = '0a0a0a0a-1111-11ee-8000-000000000001';

describe('the server name of a task', () => {
  test.each([
    ['an app up to 1.7', `group_app.${uuid}`, uuid],
    ['a resident app up to 1.7', `group_app.${uuid}.1`, `${uuid}.1`],
    ['an app since 1.8', `group_app.instance-${uuid}._app.2`, `${uuid}.2`],
    ['an app since 1.8, of an instance from before', `group_app.marathon-${uuid}._app.3`, `${uuid}.3`],
    ['an app with dots in its id', `www.shop.${uuid}`, uuid],
    ['a resident app with dots in its id', `www.shop.${uuid}.4`, `${uuid}.4`],
    ['a task of 0.x', 'my-app_0-1396592784349', 'my-app_0-1396592784349'],
  ])('of %s', (_, task, name) => {
    expect(serverName(taskId(task))).toBe(name);
  });

  test("is another for another task, though it is that instance's next", () => {
    const ids = [`a.${uuid}.1`, `a.${uuid}.2`, `a.${uuid.replace(/1$/, '2')}.1`, `a.${uuid}`];
    expect(new Set(ids.map((id) => serverName(taskId(id)))).size).toBe(ids.length);
  });
});

test('an app has one id, however people write it', () => {
  expect(['app1', '/app1', '//app1/', 'app1/'].map(appId)).toEqual(Array(4).fill('/app1'));
  expect(safeName(appId('shop/web'))).toBe('shop_web');
});

test('slots are named a to z, then aa, and read back', () => {
  expect([0, 25, 26, 27, 701, 702].map(slotName)).toEqual(['a', 'z', 'aa', 'ab', 'zz', 'aaa']);
  for (let n = 0; n < 800; n += 1) expect(slotIndex(slotName(n))).toBe(n);
});
