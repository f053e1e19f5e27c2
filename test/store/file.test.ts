/** The file store and the lock on the state directory. */
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadMemory } from '../../src/controller/memory.ts';
import { createFileStore } from '../../src/store/file.ts';
import { lockStateDir } from '../../src/store/lock.ts';
import { makeStateDir } from '../../src/store/state-dir.ts';

async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'b-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** A socket file that nobody listens on is what kill -9 leaves behind. */
async function leaveStale(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(`${path}-alive`, resolve);
  });
  await rename(`${path}-alive`, path);
  await new Promise((resolve) => {
    server.close(resolve);
  });
}

describe('the file store', () => {
  it('gives back what was saved last', async () => {
    const path = join(await directory(), 'memory.json');
    const store = createFileStore({ path, onDamaged: () => {} });
    expect(await store.load()).toBeNull();
    await store.save({ version: 1, parts: { a: 1 } });
    await store.save({ version: 1, parts: { a: 2 } });
    expect(await store.load()).toEqual({ version: 1, parts: { a: 2 } });
  });

  it.each([
    ['half a document', '{"version":1,"par'],
    ['another version', '{"version":2,"parts":{}}'],
    ['nothing', ''],
  ])('keeps %s aside and starts anew', async (_, text) => {
    const path = join(await directory(), 'memory.json');
    await writeFile(path, text);
    const damaged: string[] = [];
    const store = createFileStore({ path, onDamaged: (keptAt) => damaged.push(keptAt) });
    expect(await store.load()).toBeNull();
    expect(damaged).toEqual([`${path}.damaged`]);
    expect(await readFile(`${path}.damaged`, 'utf8')).toBe(text);
    await store.save({ version: 1, parts: {} });
    expect(await store.load()).toEqual({ version: 1, parts: {} });
  });
});

it('keeps a document aside of which a part cannot be read, before the next one replaces it', async () => {
  const path = join(await directory(), 'memory.json');
  const damaged: string[][] = [];
  const store = createFileStore({ path, onDamaged: (...told) => damaged.push(told) });
  const document = { version: 1 as const, parts: { plan: { services: 'none' }, apps: [] } };
  await store.save(document);
  const { plan } = await loadMemory(store);
  expect(plan).toEqual({ services: [] });
  expect(damaged).toEqual([[`${path}.damaged`, expect.stringContaining('services')]]);
  await store.save({ version: 1, parts: {} });
  expect(JSON.parse(await readFile(`${path}.damaged`, 'utf8'))).toEqual(document);
});

describe('the lock on a state directory', () => {
  it('refuses a second owner, naming the first, and is free after release', async () => {
    const path = await directory();
    const lock = await lockStateDir(path);
    await expect(lockStateDir(path)).rejects.toMatchObject({
      code: 'state-dir-locked',
      message: expect.stringContaining(`process ${process.pid}`),
    });
    await lock.release();
    await (await lockStateDir(path)).release();
  });

  it('is taken over from an owner that was killed', async () => {
    const path = await directory();
    await leaveStale(join(path, 'lock-0000dead'));
    const lock = await lockStateDir(path);
    await lock.release();
    expect(lock).toBeDefined();
  });
});

describe('starts at the same moment', () => {
  it.each(['nothing', 'a stale lock'])(
    'where there is %s: one has the lock, and all others know',
    async (what) => {
      for (let round = 0; round < 10; round += 1) {
        const path = await directory();
        if (what !== 'nothing') await leaveStale(join(path, 'lock-0000dead'));
        const starts = await Promise.allSettled(Array.from({ length: 8 }, () => lockStateDir(path)));
        const won = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
        const lost = starts.flatMap((start) =>
          start.status === 'rejected' ? [start.reason as unknown] : [],
        );
        expect(won).toHaveLength(1);
        for (const reason of lost) expect(reason).toMatchObject({ code: 'state-dir-locked' });
        await expect(lockStateDir(path)).rejects.toMatchObject({ code: 'state-dir-locked' });
        await won[0]?.release();
        expect(await readdir(path)).toEqual([]);
      }
    },
  );
});

describe('a state directory that cannot be used', () => {
  it('is told in words: a file, below a file, too long', async () => {
    const home = await directory();
    const file = join(home, 'file');
    await writeFile(file, '');
    for (const path of [file, join(file, 'below'), join(home, 'x'.repeat(100))]) {
      await expect(makeStateDir(path)).rejects.toMatchObject({
        code: 'state-dir-unusable',
        message: expect.stringMatching(/state directory .*--state-dir/),
      });
    }
    await expect(lockStateDir(file)).rejects.toMatchObject({ code: 'state-dir-unusable' });
  });

  it('the longest one that is taken is long enough for the lock', async () => {
    const home = await directory();
    const path = join(home, 'x'.repeat(75 - home.length - 1));
    await makeStateDir(path);
    await (await lockStateDir(path)).release();
    expect(path).toHaveLength(75);
  });
});
