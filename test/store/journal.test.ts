/** The journal in a file: bounded, appended, compacted, and there again after a restart, whatever has become of the file. */
import { appendFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { HistoryEntry } from '../../src/model/history.ts';
import { appId, millis, serviceOf } from '../../src/model/ids.ts';
import type { Journal } from '../../src/store/journal.ts';
import { openFileJournal } from '../../src/store/journal-file.ts';
import { until } from '../support/wait.ts';

interface Stage {
  readonly path: string;
  readonly troubles: string[];
  readonly damages: number[];
  readonly open: () => Promise<Journal>;
  readonly lines: () => Promise<readonly string[]>;
}

async function stage(limits = { perService: 3, overall: 5 }): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'b-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const path = join(directory, 'journal.jsonl');
  const troubles: string[] = [];
  const damages: number[] = [];
  return {
    path,
    troubles,
    damages,
    open: () =>
      openFileJournal({
        path,
        limits,
        flushMs: 5,
        onDamaged: (lines) => damages.push(lines),
        onTrouble: (problem) => troubles.push(problem),
      }),
    lines: async () => (await readFile(path, 'utf8')).split('\n').filter((line) => line !== ''),
  };
}

const a = serviceOf(appId('a'));

function entry(at: number, service = a, more: Partial<HistoryEntry> = {}): HistoryEntry {
  return { at: millis(at), service, kind: 'traffic-moved', text: `at ${at}`, facts: { n: at }, ...more };
}

const times = (journal: Journal, service = a) => journal.read(service).map(({ at }) => Number(at));

test('what is told is there at once, after a moment in the file, and after a restart', async () => {
  const { open, lines, damages, troubles } = await stage();
  const journal = await open();
  journal.append(entry(1));
  journal.append(entry(2));
  expect(journal.read(a)).toEqual([entry(1), entry(2)]);
  expect([...journal.backwards(a)]).toEqual([entry(2), entry(1)]);
  await until('two lines', async () => (await lines()).length === 2);
  await journal.close();
  const again = await open();
  expect(again.read(a)).toEqual([entry(1), entry(2)]);
  expect(again.read(serviceOf(appId('b')))).toEqual([]);
  expect({ damages, troubles }).toEqual({ damages: [], troubles: [] });
});

test('what comes within a moment is one write, and closing waits for none', async () => {
  const { open, path, lines } = await stage();
  const journal = await open();
  for (const at of [1, 2, 3]) journal.append(entry(at));
  await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  await journal.close();
  expect(await lines()).toHaveLength(3);
});

test('of one service the last few are kept, of all the last of all', async () => {
  const { open } = await stage();
  const journal = await open();
  for (const at of [1, 2, 3, 4]) journal.append(entry(at));
  expect(times(journal)).toEqual([2, 3, 4]);
  const b = serviceOf(appId('b'));
  for (const at of [5, 6, 7]) journal.append(entry(at, b));
  expect([times(journal), times(journal, b)]).toEqual([
    [3, 4],
    [5, 6, 7],
  ]);
  await journal.close();
  const again = await open();
  expect([times(again), times(again, b)]).toEqual([
    [3, 4],
    [5, 6, 7],
  ]);
});

test('the file is written anew when it has twice as many lines as are kept', async () => {
  const { open, lines } = await stage();
  const journal = await open();
  for (let at = 1; at <= 100; at += 2) {
    journal.append(entry(at));
    journal.append(entry(at + 1));
    await until('it to be written', async () =>
      (await lines()).some((line) => line.includes(`at ${at + 1}`)),
    );
    expect((await lines()).length).toBeLessThanOrEqual(6);
  }
  await journal.close();
  expect(times(await open())).toEqual([98, 99, 100]);
});

test('damaged lines are left out and told of, and the file is whole again', async () => {
  const { open, path, damages, lines } = await stage();
  const good = JSON.stringify(entry(1));
  await writeFile(path, `${good}\nnonsense\n{"at": 1}\n${JSON.stringify(entry(2))}\n{"at":3,"serv`);
  const journal = await open();
  expect(times(journal)).toEqual([1, 2]);
  expect(damages).toEqual([3]);
  journal.append(entry(4));
  await journal.close();
  expect(await lines()).toHaveLength(3);
  expect(times(await open())).toEqual([1, 2, 4]);
  expect(damages).toEqual([3]);
});

test('a last line without its end is not glued to the next', async () => {
  const { open, path, damages } = await stage();
  await writeFile(path, JSON.stringify(entry(1)));
  const journal = await open();
  journal.append(entry(2));
  await journal.close();
  expect(times(await open())).toEqual([1, 2]);
  expect(damages).toEqual([]);
});

test('what cannot be written is told once, kept, and written when it can be', async () => {
  const { open, path, troubles } = await stage();
  const journal = await open();
  await mkdir(path);
  journal.append(entry(1));
  await until('a trouble', () => troubles.length === 1);
  journal.append(entry(2));
  expect(times(journal)).toEqual([1, 2]);
  await rm(path, { recursive: true });
  await journal.close();
  expect(times(await open())).toEqual([1, 2]);
  expect(troubles).toHaveLength(1);
});

test('a file that cannot be read is put aside', async () => {
  const { open, path, troubles } = await stage();
  await mkdir(path);
  const journal = await open();
  expect(troubles).toHaveLength(1);
  journal.append(entry(1));
  await journal.close();
  expect(times(await open())).toEqual([1]);
  expect((await stat(`${path}.damaged`)).isDirectory()).toBe(true);
});

test('an entry that is too long loses its facts, not its sentence', async () => {
  const { open } = await stage();
  const journal = await open();
  journal.append(entry(1, a, { facts: { query: 'x'.repeat(10_000) } }));
  expect(journal.read(a)).toEqual([entry(1, a, { facts: {} })]);
});

test('nothing that happened leaves no file', async () => {
  const { open, path } = await stage();
  await (await open()).close();
  await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  await appendFile(path, '');
  await (await open()).close();
  expect((await stat(path)).size).toBe(0);
});
