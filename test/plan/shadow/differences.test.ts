/** What Baton would do differently: each kind of difference, and what is none. */
import { expect, it } from 'vitest';
import { appId } from '../../../src/model/ids.ts';
import { type SeenServer, shadowDifferences } from '../../../src/plan/shadow/differences.ts';
import type { ExpectedBackend, ExpectedServer } from '../../../src/plan/shadow/expected.ts';

const shop = appId('shop');

/** `10.0.0.1:31000`, with `!` before it for one that gets no requests. */
function backend(...servers: readonly string[]): ExpectedBackend {
  return {
    apps: new Set([shop]),
    servers: servers.map((text): ExpectedServer => {
      const [, no, host = '', port] = /^(!?)(.*):(\d+)$/.exec(text) ?? [];
      return { app: shop, host, port: Number(port), carries: no !== '!' };
    }),
  };
}

/** `10_0_0_1_31000 DOWN`; up unless said otherwise. */
function seen(...servers: readonly string[]): readonly SeenServer[] {
  return servers.map((text) => {
    const [server = '', ...status] = text.split(' ');
    return { backend: 'shop_10000', server, status: status.join(' ') || 'UP' };
  });
}

const up = '10_0_0_1_31000';

it.each<[string, ExpectedBackend | null, readonly SeenServer[], readonly string[]]>([
  ['the same', backend('10.0.0.1:31000'), seen(up), []],
  ['neither', null, [], []],
  ['without a health check', backend('10.0.0.1:31000'), seen(`${up} no check`), []],
  ['going up and going down', backend('10.0.0.1:31000'), seen(`${up} UP 1/3`), []],
  ['backend missing there', backend('10.0.0.1:31000'), [], ['backend-only-in-baton null /shop']],
  ['backend missing there, nobody up', backend('!10.0.0.1:31000'), [], []],
  ['an app without tasks', backend(), [], []],
  ['backend missing here', null, seen(up), ['backend-only-in-haproxy null null']],
  [
    'server missing there',
    backend('10.0.0.1:31000', '10.0.0.2:31001'),
    seen(up),
    ['server-only-in-baton 10_0_0_2_31001 /shop'],
  ],
  ['unwell and left out there', backend('10.0.0.1:31000', '!10.0.0.2:31001'), seen(up), []],
  [
    'server missing here',
    backend('10.0.0.1:31000'),
    seen(up, '10_0_0_2_31001 DOWN'),
    ['server-only-in-haproxy 10_0_0_2_31001 /shop'],
  ],
  ['down there', backend('10.0.0.1:31000'), seen(`${up} DOWN 1/2`), [`server-health ${up} /shop`]],
  ['disabled there', backend('10.0.0.1:31000'), seen(`${up} MAINT`), [`server-health ${up} /shop`]],
  ['draining there', backend('10.0.0.1:31000'), seen(`${up} DRAIN`), [`server-health ${up} /shop`]],
  ['up there, unwell here', backend('!10.0.0.1:31000'), seen(up), [`server-health ${up} /shop`]],
  ['down on both', backend('!10.0.0.1:31000'), seen(`${up} DOWN`), []],
  ['a host by name', backend('agent-1.dc:31000'), seen('agent-1_dc_10_0_0_1_31000'), []],
  [
    'two hosts by name, one a beginning of the other',
    backend('agent:31000', 'agent_1.x:31000'),
    seen('agent_1_x_10_0_0_1_31000 DOWN', 'agent_10_0_0_2_31000'),
    ['server-health agent_1_x_10_0_0_1_31000 /shop'],
  ],
  [
    'a host by name that is missing',
    backend('agent:31000'),
    seen('agent_10_0_0_2_31999'),
    ['server-only-in-baton agent_*_31000 /shop', 'server-only-in-haproxy agent_10_0_0_2_31999 /shop'],
  ],
  ['an address of IPv6', backend('fd00::1:31000'), seen('fd00__1_31000'), []],
])('%s', (_, expected, servers, differences) => {
  const found = shadowDifferences(new Map(expected === null ? [] : [['shop_10000', expected]]), servers);
  expect(found.map(({ kind, server, app }) => `${kind} ${server} ${app}`)).toEqual(differences);
  for (const { backend, text } of found) {
    expect(backend).toBe('shop_10000');
    expect(text).toMatch(/^[A-Z].*\.$/);
  }
});
