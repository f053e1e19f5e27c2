/** When a Baton is not ready although all is well with what it does: half a minute without sight of Marathon. */
import { expect, it } from 'vitest';
import { staleness } from '../../src/controller/staleness.ts';
import { millis } from '../../src/model/ids.ts';

const now = millis(1_000_000);
const ago = (seconds: number) => millis(now - seconds * 1000);
const fine = { heardAt: ago(1), failingSince: null, trouble: null };
const doubted = (seconds: number) => ({ since: ago(seconds), problem: 'it names nobody' });

it.each([
  ['all is well', fine, null, null],
  ['nothing has been read yet', { ...fine, heardAt: null }, null, null],
  ['a silence of 30 s', { ...fine, heardAt: ago(30) }, null, null],
  ['one of 31 s', { ...fine, heardAt: ago(31) }, null, 'nothing was heard of Marathon for 31 s'],
  [
    'reads that fail for 31 s',
    { ...fine, failingSince: ago(31), trouble: '503' },
    null,
    'the apps of Marathon could not be read for 31 s: 503',
  ],
  [
    'silence before what follows from it',
    { heardAt: ago(40), failingSince: ago(35), trouble: 'away' },
    doubted(50),
    'nothing was heard of Marathon for 40 s: away',
  ],
  ['a doubt of 30 s', fine, doubted(30), null],
  ['one of 31 s', fine, doubted(31), 'what Marathon says is doubted for 31 s: it names nobody'],
])('%s', (_, status, doubt, says) => {
  expect(staleness(now, status, doubt)).toBe(says);
});
