/** The flags of a shadow: places of statistics as people write them, and what goes together. */
import { expect, it } from 'vitest';
import { readConfig } from '../../src/config/config.ts';

const surroundings = { env: {}, home: '/h', isRoot: false, isProcessOne: false };

function shadow(...argv: readonly string[]) {
  return readConfig(['--marathon', 'http://m:8080', ...argv], surroundings).shadow;
}

const page = (url: string, login: string | null = null) => ({ kind: 'page', url, login });

it.each([
  ['http://lb:9090/haproxy?stats', page('http://lb:9090/haproxy?stats;csv')],
  ['http://lb:9090/haproxy?stats;csv', page('http://lb:9090/haproxy?stats;csv')],
  ['http://lb:9090/haproxy?stats;up;norefresh', page('http://lb:9090/haproxy?stats;norefresh;csv')],
  ['http://lb:9090', page('http://lb:9090/haproxy?stats;csv')],
  ['https://lb/stats;csv', page('https://lb/stats;csv')],
  ['http://ops:p%40ss@lb:9090/haproxy?stats', page('http://lb:9090/haproxy?stats;csv', 'ops:p@ss')],
  ['/run/haproxy.sock', { kind: 'socket', path: '/run/haproxy.sock' }],
  ['unix:/run/haproxy.sock', { kind: 'socket', path: '/run/haproxy.sock' }],
])('%s is a place of statistics', (text, of) => {
  expect(shadow('--shadow', '--shadow-of', text)).toEqual({
    of,
    intervalMs: 10_000,
    once: false,
    json: false,
  });
});

it('compares with the marathon-lb of its own machine unless told otherwise', () => {
  expect(shadow('--shadow', '--once', '--json', '--shadow-interval', '1s')).toEqual({
    of: page('http://127.0.0.1:9090/haproxy?stats;csv'),
    intervalMs: 1000,
    once: true,
    json: true,
  });
  expect(shadow()).toBeNull();
});

it.each([
  [['--shadow-of', 'http://lb:9090'], '--shadow-of needs --shadow'],
  [['--once'], '--once needs --shadow'],
  [['--shadow', '--json'], '--json needs --shadow --once'],
  [['--shadow', '--dry-run'], 'give one'],
  [['--shadow', '--shadow-interval', '1ms'], 'a duration of at least 100 ms'],
  [['--shadow', '--shadow-of', 'ops:s3cret@lb'], "--shadow-of should be the URL of HAProxy's statistics"],
  [['--shadow', '--shadow-of', 'http://ops:s3cret%@lb'], '% does not begin an encoded character'],
])('refuses %j, and shows no password', (argv, message) => {
  expect(() => shadow(...argv)).toThrow(message);
  expect(() => shadow(...argv)).not.toThrow('s3cret');
});
