/** `baton history` from the outside. */
import { expect, test } from 'vitest';
import type { HistoryEntry } from '../../src/model/history.ts';
import { appId, millis, serviceOf } from '../../src/model/ids.ts';
import { widthOf } from '../support/command.ts';
import { tellingBaton, twoVersions } from './running.ts';
import { baton } from './verb.ts';

const noon = Date.parse('2026-01-02T12:00:00Z');

function entry(seconds: number, text: string): HistoryEntry {
  const service = serviceOf(appId('app1'));
  return { at: millis(noon + seconds * 1000), service, kind: 'traffic-moved', text, facts: {} };
}

async function stage(): Promise<string> {
  const entries = [
    entry(0, 'waiting: app1-100 has 0 of 2 instances up'),
    entry(
      7,
      `traffic: app1-100 100 %; priority 10 is the highest that can serve, and so on so on so on so on so on`,
    ),
  ];
  return tellingBaton(
    { services: twoVersions().settle().services },
    { history: (service) => (service === '/app1' || service === '/gone' ? entries : []) },
  );
}

const lines = `2026-01-02 12:00:00 UTC  waiting: app1-100 has 0 of 2 instances up
2026-01-02 12:00:07 UTC  traffic: app1-100 100 %; priority 10 is the highest
                         that can serve, and so on so on so on so on so on
`;

test.each(['app1', '/app1-100', 'gone'])('of %s: a line an entry, in 80 columns', async (name) => {
  const { status, stdout } = await baton(['history', name, '--baton', await stage()]);
  expect({ status, stdout }).toEqual({ status: 0, stdout: lines });
  expect(widthOf(stdout)).toBeLessThanOrEqual(80);
});

test('so many as are asked for, and as JSON', async () => {
  const url = await stage();
  const { stdout } = await baton(['history', 'app1', '--limit', '1', '--json'], { env: { BATON_URL: url } });
  const api = await fetch(`${url}/v1/services/app1/history?limit=1`);
  expect(JSON.parse(stdout)).toEqual(await api.json());
});

test('a service of which there is nothing to tell', async () => {
  const url = await tellingBaton({ services: twoVersions().settle().services }, { history: () => [] });
  const { status, stdout } = await baton(['history', 'app1', '--baton', url]);
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'nothing is known of app1 yet\n' });
});

test('one that nobody knows: 1, with a hint; and a shadow: 1', async () => {
  const unknown = await baton(['history', 'apq1', '--baton', await stage()]);
  expect(unknown.stderr).toContain('apq1; did you mean app1?');
  const shadow = await tellingBaton({ services: twoVersions().settle().services });
  const none = await baton(['history', 'app1', '--baton', shadow]);
  expect(none.stderr).toContain('keeps no history');
  expect([unknown.status, none.status]).toEqual([1, 1]);
});

test.each([
  [['history'], 'SERVICE is missing'],
  [['history', 'a', 'b'], 'one SERVICE at a time'],
  [['history', 'a', '--limit', '0'], '--limit is "0"; it should be a number'],
])('%j is refused with 2', async (argv, words) => {
  const { status, stderr } = await baton(argv);
  expect(stderr).toContain(words);
  expect(status).toBe(2);
});
