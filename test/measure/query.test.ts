/** The judged pool's names in a query. */
import { expect, test } from 'vitest';
import { queryFor } from '../../src/measure/query.ts';
import { appId, type ServiceId } from '../../src/model/ids.ts';

const service = '/shop/app1' as ServiceId;
const pool = { app: appId('/shop/app1-100'), backend: 'shop_app1_b', slot: 'b' };

test.each([
  ['up', 'up'],
  ['up{app="{{app}}",service="{{service}}"}', 'up{app="/shop/app1-100",service="/shop/app1"}'],
  [
    'sum(haproxy_x{proxy="{{backend}}"}) / x{slot=\'{{slot}}\'}',
    'sum(haproxy_x{proxy="shop_app1_b"}) / x{slot=\'b\'}',
  ],
  ['{{app}}{{app}}', '/shop/app1-100/shop/app1-100'],
  ['{{task}} {{ app }} {{constructor}}', '{{task}} {{ app }} {{constructor}}'],
])('%s', (query, expected) => expect(queryFor(query, service, pool)).toBe(expected));

test('a value cannot end the literal in which it stands', () => {
  const evil = { ...pool, app: appId('/a"} or vector(0) #'), backend: "'`\\\n", slot: '{{app}}$&' };
  expect(queryFor('up{app="{{app}}"}', service, evil)).toBe(
    'up{app="/a\\u0022\\u007d\\u0020or\\u0020vector\\u00280\\u0029\\u0020\\u0023"}',
  );
  expect(queryFor('{{backend}}', service, evil)).toBe('\\u0027\\u0060\\u005c\\u000a');
  expect(queryFor('{{slot}}', service, evil)).toBe('\\u007b\\u007bapp\\u007d\\u007d\\u0024\\u0026');
});
