/** Runs a verb within this process, to its end: it starts in no time. How a process of it ends is test/e2e/cli.test.ts's to say. */
import type { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import { vi } from 'vitest';
import { main } from '../../src/cli/verbs.ts';
import type { Ended } from '../support/command.ts';

interface Handler {
  readonly emitter: EventEmitter;
  readonly name: string;
  readonly handler: () => void;
}

/** As `test/support/command.ts` does it in a process of its own. One at a time: they print to the same place. */
export async function baton(
  argv: readonly string[],
  given: { readonly input?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Ended> {
  const before = handlers().map(({ handler }) => handler);
  const stdin = vi
    .spyOn(process, 'stdin', 'get')
    .mockReturnValue(Readable.from([given.input ?? '']) as never);
  const [stdout, stderr] = [capture('stdout'), capture('stderr')];
  vi.stubEnv('HOME', '/nonexistent');
  for (const name of Object.keys(process.env)) if (name.startsWith('BATON_')) vi.stubEnv(name, undefined);
  for (const [name, value] of Object.entries(given.env ?? {})) vi.stubEnv(name, value);
  try {
    const status = await main(argv);
    return { status, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    for (const spy of [stdin, stdout, stderr]) spy.mockRestore();
    vi.unstubAllEnvs();
    for (const { emitter, name, handler } of handlers())
      if (!before.includes(handler)) emitter.off(name, handler);
  }
}

function capture(name: 'stdout' | 'stderr') {
  let text = '';
  const spy = vi.spyOn(process[name], 'write').mockImplementation((chunk, encoding, done?) => {
    text += String(chunk);
    const written = typeof encoding === 'function' ? encoding : done;
    if (written !== undefined) setImmediate(written);
    return true;
  });
  return { text: () => text, mockRestore: () => spy.mockRestore() };
}

/** A verb leaves its handlers to the end of the process. */
function handlers(): readonly Handler[] {
  const places = [
    [process, 'SIGTERM'],
    [process, 'SIGINT'],
    [process.stdout, 'error'],
  ] as const;
  return places.flatMap(([emitter, name]: readonly [EventEmitter, string]) =>
    emitter.listeners(name).map((handler) => ({ emitter, name, handler: handler as () => void })),
  );
}
