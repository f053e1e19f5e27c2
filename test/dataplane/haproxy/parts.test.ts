/** The pure parts of the HAProxy driver: rows of the split, grammars, what HAProxy prints, changes of servers. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAclChecks } from '../../../src/dataplane/haproxy/acl-checks.ts';
import { checkPath, isBindAddress, isHostName, isName } from '../../../src/dataplane/haproxy/grammar.ts';
import { merge } from '../../../src/dataplane/haproxy/merge.ts';
import {
  parseMap,
  parseProcesses,
  parseServerStates,
  parseSessions,
  parseTable,
  parseStatistics,
} from '../../../src/dataplane/haproxy/parse.ts';
import { createResolver } from '../../../src/dataplane/haproxy/resolve.ts';
import { isSettled } from '../../../src/dataplane/haproxy/runtime.ts';
import { serverChanges } from '../../../src/dataplane/haproxy/servers.ts';
import { parseSplitRow, splitRow, stride } from '../../../src/dataplane/haproxy/split.ts';
import type { Server, Service } from '../../../src/dataplane/haproxy/state.ts';
import { createTemplateChecks } from '../../../src/dataplane/haproxy/template-checks.ts';
import { readTarget, type Wanted } from '../../../src/dataplane/haproxy/wanted.ts';
import { shares } from '../../../src/model/weights.ts';
import { type ServerName, slotName } from '../../../src/model/ids.ts';
import { service } from '../../support/targets.ts';

describe('the split', () => {
  test('a row reads back as the weights it was written from', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000), { minLength: 1, maxLength: 30 }), (relative) => {
        const weights = shares(relative).map((weight, index) => ({ slot: slotName(index), weight }));
        const expected = weights.filter((each) => each.weight > 0);
        expect([...parseSplitRow(splitRow(weights))]).toEqual(
          expected.map((each) => [each.slot, each.weight]),
        );
      }),
    );
  });

  test('any 10,000 consecutive steps visit each step once', () => {
    fc.assert(
      fc.property(fc.nat(4_000_000_000), (start) => {
        const steps = Array.from({ length: 10_000 }, (_, n) => ((start + n) * stride) % 10_000);
        expect(new Set(steps).size).toBe(10_000);
      }),
      { numRuns: 10 },
    );
  });

  test('nobody with a share is an empty row', () => {
    expect(splitRow([{ slot: slotName(0), weight: 0 }])).toBe('');
    expect(parseSplitRow('').size).toBe(0);
  });
});

describe('the grammars', () => {
  test.each(['a.b', 'app-1', 'x_y', 'a'.repeat(63)])('%s is a host name', (text) => {
    expect(isHostName(text)).toBe(true);
  });
  test.each(['', 'a b', 'a\n', '-a', 'a-', 'a..b', '*', 'a:80', 'é', 'a'.repeat(64)])(
    '%j is none',
    (text) => {
      expect(isHostName(text)).toBe(false);
    },
  );
  test.each(['a/b', 'a b', ':x', '', 'a\n', 'a'.repeat(201)])('%j is no name', (text) => {
    expect(isName(text)).toBe(false);
  });
  test.each(['fe80::1%eth0', 'localhost', '1.2.3', '1.2.3.4:80'])('%s is no address to bind', (text) => {
    expect(isBindAddress(text)).toBe(false);
  });
  test.each([
    ['/health', '/health'],
    ['health?a=b&c', '/health?a=b&c'],
    ['/a;b\\c"d', '/a%3Bb%5Cc%22d'],
    ['/%20', '/%20'],
    ['/ü#x', '/%C3%BC%23x'],
  ])('the check path %s is %s', (path, expected) => {
    expect(checkPath(path)).toBe(expected);
  });
  test.each(['/a b', '/a\nb', '/a\u0000', '/\u00a0', `/${'x'.repeat(3_000)}`])(
    '%j is no check path',
    (path) => {
      expect(checkPath(path)).toBeNull();
    },
  );
  test('a check path is visible ASCII without what the socket reads as its own', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (path) => {
        expect(checkPath(path) ?? '/').toMatch(/^\/[!-~]*$/);
        expect(checkPath(path) ?? '/').not.toMatch(/[;\\"#]/);
      }),
    );
  });
});

describe('what HAProxy prints', () => {
  test('statistics, with a description that holds a comma and a quote', () => {
    expect(parseStatistics('# pxname,svname,last_chk,scur,\napp:a,s1,"said ""no"", twice",3,\n\n')).toEqual([
      { pxname: 'app:a', svname: 's1', scur: '3' },
    ]);
  });
  test('what is counted of backends and of the way to other pools, and how single servers are', () => {
    const rows = parseStatistics(
      '# pxname,svname,scur,stot,status,type\na:a,BACKEND,1,7,UP,1\na:a,:failover,0,2,UP,2\na:a,s1,1,5,DOWN 1/2,2\n',
    );
    expect(rows).toEqual([
      { pxname: 'a:a', svname: 'BACKEND', scur: '1', stot: '7', status: 'UP', type: '1' },
      { pxname: 'a:a', svname: ':failover', scur: '0', stot: '2', status: 'UP', type: '2' },
      { pxname: 'a:a', svname: 's1', scur: '1', status: 'DOWN 1/2', type: '2' },
    ]);
  });
  test('server states', () => {
    expect(parseServerStates('1\n# be_name srv_name srv_addr\napp:a s1 10.0.0.1\n')).toEqual([
      { be_name: 'app:a', srv_name: 's1', srv_addr: '10.0.0.1' },
    ]);
  });
  test('maps', () => {
    expect([...parseMap('0x55 app 8000:a:10000:b\n0x56 other 10000:a\n')]).toEqual([
      ['app', '8000:a:10000:b'],
      ['other', '10000:a'],
    ]);
  });
  test('tables', () => {
    const text = `# table: :durations, type: string, size:8192, used:2
0x55: key=app:a use=0 exp=0 gpc0=3 gpc1=0 gpc2=12
0x56: key=:wait use=0 exp=0 gpc0=1 gpc1=0 gpc2=0
`;
    expect([...parseTable(text)]).toEqual([['app:a', [3, 0, 12]]]);
  });
  test('sessions', () => {
    const text = `0x55: proto=tcpv4 src=127.0.0.1:1 fe=:in:any:80 be=app:a srv=s1 ts=02 epoch=0
0x56: proto=unix_stream src=unix:1 fe=GLOBAL be=<NONE> srv=<none> ts=00 epoch=0
`;
    expect(parseSessions(text)).toEqual([
      { id: '0x55', server: 'app:a/s1' },
      { id: '0x56', server: '<NONE>/<none>' },
    ]);
  });
  test('processes', () => {
    const text = `#<PID>          <type>          <reloads>       <uptime>        <version>
5836            master          2 [failed: 1]   0d00h01m03s     2.6.12
# workers
6992            worker          0               0d00h00m00s     2.6.12
# old workers
6001            worker          1               0d00h00m00s     2.6.12
# programs
`;
    expect(parseProcesses(text)).toEqual({ master: 5836, failedReloads: 1, worker: 6992, old: [6001] });
    expect(parseProcesses('')).toBeNull();
  });
});

describe('changes of servers', () => {
  const server: Server = {
    name: 's1' as ServerName,
    address: '10.0.0.1',
    port: 80,
    check: { kind: 'http', path: '/', port: null, intervalMs: 20_000, timeoutMs: 1, fall: 3 },
    rotation: 'in',
  };
  const only = (each: Server): ReadonlyMap<ServerName, Server> => new Map([[each.name, each]]);

  test('nothing to do is nothing done', () => {
    expect(serverChanges('x:a', only(server), only({ ...server }))).toMatchObject({ before: [], after: [] });
  });
  test('a new one enters down and gets its weight last', () => {
    const { before, after } = serverChanges('x:a', new Map(), only(server));
    expect(before.map((command) => command.split(' ').slice(0, 2).join(' '))).toEqual([
      'add server',
      'enable health',
      'enable server',
      'set server',
      'set server',
    ]);
    expect(before[0]).toContain('10.0.0.1:80 weight 0 check inter 20000ms fastinter 1000ms');
    expect(after).toEqual([]);
  });
  test('one that goes is disabled after traffic has moved, once', () => {
    const { before, after, servers } = serverChanges('x:a', only(server), new Map());
    expect([before, after]).toEqual([[], ['disable server x:a/s1']]);
    expect(serverChanges('x:a', servers, new Map())).toMatchObject({ before: [], after: [] });
  });
  test('another check is another server', () => {
    const other = { ...server, check: { ...server.check, intervalMs: 5_000 } };
    const { after, recreate } = serverChanges('x:a', only(server), only(other));
    expect([after, recreate]).toEqual([['disable server x:a/s1'], true]);
  });
  test('another address is set where it is', () => {
    const { before } = serverChanges('x:a', only(server), only({ ...server, address: '10.0.0.2' }));
    expect(before).toEqual(['set server x:a/s1 addr 10.0.0.2 port 80']);
  });
});

test('who is wanted and was last made so is settled; who is not wanted never is', () => {
  const { services: wanted } = readTarget(
    [service('/app', 80, [])],
    new Map(),
    { problemOf: () => null, untimelyOf: () => null, hasCertificate: false },
    createTemplateChecks(() => null),
    createAclChecks(() => null),
  );
  const { services } = merge(new Map(), wanted, 0, null);
  const [runs, want] = [services.get('app'), wanted.get('app')];
  if (runs === undefined || want === undefined) throw new Error('the target has no service app');
  const running = { services, settled: new WeakMap<Service, Wanted>() };
  expect(isSettled(running, 'app', runs, want)).toBe(false);
  // The same object as it runs, which nothing was ever wanted of.
  expect(isSettled(running, 'app', runs, undefined)).toBe(false);
  running.settled.set(runs, want);
  expect(isSettled(running, 'app', runs, want)).toBe(true);
  expect(isSettled(running, 'app', { ...runs }, want)).toBe(false);
  expect(isSettled(running, 'app', runs, { ...want })).toBe(false);
  expect(isSettled(running, 'app', runs, 'as-is')).toBe(false);
  expect(isSettled(running, 'app', runs, undefined)).toBe(false);
  expect(isSettled(running, 'app', undefined, want)).toBe(false);
});

test('a name is resolved once while it is fresh, and keeps its last good address', async () => {
  let now = 0;
  let asked = 0;
  let answer: string | null = '10.0.0.1';
  const resolver = createResolver(
    async () => {
      asked++;
      if (answer === null) throw new Error('ENOTFOUND');
      return { address: answer };
    },
    () => now,
  );
  const hosts = new Set(['agent', '10.0.0.9', 'not a name']);
  expect(Object.fromEntries(await resolver.addresses(hosts))).toEqual({
    '10.0.0.9': '10.0.0.9',
    agent: '10.0.0.1',
  });
  await resolver.addresses(hosts);
  expect(asked).toBe(1);
  answer = null;
  now = 60_000;
  expect((await resolver.addresses(hosts)).get('agent')).toBe('10.0.0.1');
  answer = '10.0.0.2';
  now = 70_000;
  expect((await resolver.addresses(hosts)).get('agent')).toBe('10.0.0.2');
});
