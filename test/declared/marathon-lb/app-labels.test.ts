/** Each label of marathon-lb about a whole app: a good value, its default, and bad values that disturb nothing else. */
import { describe, expect, test } from 'vitest';
import { appLabels } from '../../../src/declared/marathon-lb/app-labels.ts';
import type { Deployment } from '../../../src/declared/marathon-lb/types.ts';
import { type Labels, readLabels } from './reading.ts';

const around: Labels = { HAPROXY_GROUP: 'external', HAPROXY_1_VHOST: 'neighbour.example.com' };

interface AppCase {
  readonly field: keyof Deployment;
  readonly good: readonly (readonly [text: string, value: unknown])[];
  readonly bad: readonly string[];
}

const counts = {
  good: [
    ['0', 0],
    ['4', 4],
  ],
  bad: ['', '-1', 'four', '1.5', '10000000'],
} as const;

const deploymentCases: Readonly<Record<Exclude<keyof typeof appLabels, 'GROUP'>, AppCase>> = {
  DEPLOYMENT_GROUP: {
    field: 'group',
    good: [
      ['shop', '/shop'],
      ['/team/Shop_1', '/team/Shop_1'],
    ],
    bad: ['', '/', 'a b', 'a//b', 'a\nb', 'a"b', '%[src]'],
  },
  DEPLOYMENT_ALT_PORT: {
    field: 'altPort',
    good: [['10001', 10_001]],
    bad: ['', '0', '65536', 'other'],
  },
  DEPLOYMENT_COLOUR: {
    field: 'colour',
    good: [
      ['blue', 'blue'],
      ['green', 'green'],
    ],
    bad: ['', 'red', 'Blue'],
  },
  DEPLOYMENT_STARTED_AT: {
    field: 'startedAt',
    good: [
      ['1970-01-01T00:00:01', 1000],
      ['2024-02-29T12:00:00.250', Date.UTC(2024, 1, 29, 12, 0, 0, 250)],
      ['2024-03-01T00:30:00+01:00', Date.UTC(2024, 1, 29, 23, 30)],
      ['1999-12-31T23:59Z', Date.UTC(1999, 11, 31, 23, 59)],
    ],
    bad: [
      '',
      'now',
      '2023-02-29T00:00:00',
      '2024-01-01',
      '2024-13-01T00:00',
      '2024-01-01T24:00',
      '1700000000',
    ],
  },
  DEPLOYMENT_TARGET_INSTANCES: { ...counts, field: 'targetInstances' },
  DEPLOYMENT_NEW_INSTANCES: { ...counts, field: 'newInstances' },
  APP_ID: {
    field: 'originalApp',
    good: [['/shop/web', '/shop/web']],
    bad: ['', 'a b', '/a//b'],
  },
};

const appRows = Object.entries(deploymentCases).map(
  ([key, row]) => [appLabels[key as keyof typeof deploymentCases], row] as const,
);

describe.each(appRows)('$name', ({ name, example }, { field, good, bad }) => {
  const plain = readLabels(around);

  test('its default and its example', () => {
    expect(plain.reading.deployment[field]).toBeNull();
    const { reading, diagnostics } = readLabels({ ...around, [name]: example });
    expect(reading.deployment[field]).not.toBeNull();
    expect(diagnostics).toEqual([]);
  });

  test.each(good)('%j', (text, value) => {
    const { reading, codes } = readLabels({ ...around, [name]: text });
    expect(reading.deployment[field]).toBe(value);
    expect(codes).toEqual([]);
  });

  test.each(bad)('not %j', (text) => {
    const { reading, diagnostics } = readLabels({ ...around, [name]: text });
    expect(diagnostics.map(({ code, label }) => [code, label])).toEqual([['label-defaulted', name]]);
    expect(reading).toEqual(plain.reading);
  });
});

describe('HAPROXY_GROUP', () => {
  test.each([
    ['external', ['external']],
    ['external,internal', ['external', 'internal']],
  ])('%j', (text, groups) => {
    const { reading, codes, port } = readLabels({ HAPROXY_GROUP: text });
    expect(reading.groups).toEqual(groups);
    expect(port(1)?.groups).toEqual(groups);
    expect(codes).toEqual([]);
  });

  test('its default and its example', () => {
    expect(readLabels({})).toMatchObject({ reading: { groups: [], labelled: false }, codes: [] });
    const { example, name } = appLabels.GROUP;
    expect(readLabels({ [name]: example })).toMatchObject({ reading: { labelled: true }, codes: [] });
  });

  test.each(['', '*', 'a b', 'a\u0000'])('not %j', (text) => {
    const { reading, codes } = readLabels({ ...around, HAPROXY_GROUP: text });
    expect(reading.groups).toEqual([]);
    expect(reading.ports).toHaveLength(2);
    expect(codes).toEqual(['entries-dropped']);
  });

  test('blanks around names are left out, and that is said', () => {
    const { reading, codes } = readLabels({ HAPROXY_GROUP: 'external, internal' });
    expect(reading.groups).toEqual(['external', 'internal']);
    expect(codes).toEqual(['groups-trimmed']);
  });
});
