/** Durations, host names, addresses, switches, likeness, and values made fit to be read. */
import { describe, expect, test } from 'vitest';
import { durationMs } from '../../src/model/duration.ts';
import { hostName, ipAddress, isAnyAddress, switchOf } from '../../src/declared/names.ts';
import { distance, nearest } from '../../src/model/nearest.ts';
import { describe as describeValue, show, showAround } from '../../src/declared/show.ts';

describe('durations', () => {
  test.each([
    ['10m', 600_000],
    ['30s', 30_000],
    ['500ms', 500],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
    ['0s', 0],
    ['1m500ms', 60_500],
    ['365d', 31_536_000_000],
  ])('%s', (text, ms) => expect(durationMs(text)).toBe(ms));

  test.each(['', '10', 'm', '10 m', '-5s', '1.5h', '30m1h', '1m1m', '366d', '10M', '5s\n', '9'.repeat(100)])(
    'not %j',
    (text) => expect(durationMs(text)).toBeNull(),
  );
});

describe('host names', () => {
  test.each([
    ['app1', 'app1'],
    ['App1.Example.COM', 'app1.example.com'],
    ['app1.example.com.', 'app1.example.com'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ])('%s', (text, name) => expect(hostName(text)).toBe(name));

  test.each([
    '',
    '.',
    'a..b',
    '-a.b',
    'a-.b',
    'a_b.c',
    'a b',
    '*.a.b',
    'bücher.de',
    '10.0.0.1',
    'a\n',
    `${'a'.repeat(64)}.b`,
    'a.'.repeat(200),
  ])('not %j', (text) => expect(hostName(text)).toBeNull());
});

describe('addresses', () => {
  test.each([
    '10.0.0.1',
    '0.0.0.0',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    '1:2:3:4:5:6:7:8',
    '::ffff:10.0.0.1',
    '1::',
  ])('%s', (text) => expect(ipAddress(text)).toBe(text));
  test.each([
    '',
    '10.0.0',
    '10.0.0.256',
    '010.0.0.1',
    '1:2:3',
    '1::2::3',
    ':::',
    '1:2:3:4:5:6:7:8:9',
    '::1%eth0',
    '[::1]',
    '::1]/[x',
    'app1',
    '10.0.0.1\n',
    '1.2.3.4::',
  ])('not %j', (text) => expect(ipAddress(text)).toBeNull());
  test('any address', () => {
    expect(['0.0.0.0', '::', '0:0:0:0:0:0:0:0'].every(isAnyAddress)).toBe(true);
    expect(['10.0.0.0', '::1'].some(isAnyAddress)).toBe(false);
  });
});

test('switches', () => {
  expect(['yes', 'Yes', ' TRUE ', '1', 'on'].map(switchOf)).toEqual([true, true, true, true, true]);
  expect(['no', 'No', 'false', '0', 'off'].map(switchOf)).toEqual([false, false, false, false, false]);
  expect(['', 'maybe', 'yes please', 'y'.repeat(1e6)].map(switchOf)).toEqual([null, null, null, null]);
});

describe('likeness', () => {
  test.each([
    ['priority', 'priority', 0],
    ['proirity', 'priority', 1],
    ['prority', 'priority', 1],
    ['priorities', 'priority', 3],
    ['', 'ab', 2],
  ])('%s and %s', (a, b, expected) => expect(distance(a, b, 3)).toBe(expected));

  test('no more work than the limit asks for', () => {
    expect(distance('a'.repeat(1e6), 'b', 2)).toBe(3);
  });

  test('the nearest name, case and separators aside', () => {
    const known = ['priority', 'port', 'ready', 'retire', 'retireAfter', 'for'];
    expect(nearest('Retire_After', known)).toBe('retireAfter');
    expect(nearest('part', known)).toBe('port');
    expect(nearest('fo', known)).toBe('for');
    expect(nearest('max', known)).toBeNull();
    expect(nearest('colour', known)).toBeNull();
  });
});

describe('values made readable', () => {
  test('what cannot be seen is escaped', () => {
    expect(show('a\n\t\r\u0000\u001b\u007f\u202e\u2028\ufeff"\\ü💥')).toBe(
      'a\\n\\t\\r\\u0000\\u001b\\u007f\\u202e\\u2028\\ufeff"\\ü💥',
    );
    expect(show('\ud800x')).toBe('\\ud800x');
  });

  test('long values are cut, never inside a character', () => {
    expect(show('x'.repeat(80))).toBe('x'.repeat(80));
    expect(show('x'.repeat(1e6))).toBe(`${'x'.repeat(80)}…`);
    expect(show('💥'.repeat(100))).toBe(`${'💥'.repeat(40)}…`);
  });

  test('the part around a flaw', () => {
    expect(showAround('short', 3)).toBe('short');
    const part = showAround(`${'a'.repeat(500)}!${'b'.repeat(500)}`, 500);
    expect(part).toContain('a!b');
    expect(part.length).toBeLessThan(90);
  });

  test('lists and objects are not looked into', () => {
    expect([undefined, null, 'x', -5, true, [1], { a: 1 }].map(describeValue)).toEqual([
      'missing',
      'null',
      '"x"',
      '-5',
      'true',
      'a list',
      'an object',
    ]);
  });
});
