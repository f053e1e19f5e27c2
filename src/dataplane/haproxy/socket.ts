/** Asks HAProxy's sockets: one fresh connection per batch, each answer read on its own. */
import { createConnection } from 'node:net';
import { DataPlaneError } from '../errors.ts';

export interface Answer {
  readonly command: string;
  readonly text: string;
  /** Whether HAProxy marked it as an error (its severities 0 to 3) or did not know the command. */
  readonly failed: boolean;
}

/** Below HAProxy's buffer of 16,384 bytes (`tune.bufsize`), in which a line has to fit. */
const largestBatch = 15_000;
const timeoutMs = 10_000;

/**
 * Runs commands on the runtime socket, in order. HAProxy goes on after a command that fails (management guide 9.3),
 * so each answer says whether it did. A connection that was open before a reload stays with the old worker: none is
 * kept.
 * @throws DataPlaneError when the socket does not answer
 */
export async function run(
  path: string,
  commands: readonly string[],
  signal: AbortSignal,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const batch of batches(commands)) {
    const lines = ['prompt', 'set severity-output number', ...batch, 'quit'];
    const output = await exchange(path, `${lines.join('\n')}\n`, signal);
    const parts = output.split('\n> ').slice(2);
    if (parts.length <= batch.length) {
      throw new DataPlaneError('data-plane-unreachable', 'HAProxy closed its socket amid a batch');
    }
    batch.forEach((command, index) => {
      answers.push(answer(command, parts[index] ?? ''));
    });
  }
  return answers;
}

/** One command without a marked end, such as the master's; the answer is all that comes until the end. */
export async function ask(path: string, command: string, signal: AbortSignal): Promise<string> {
  return await exchange(path, `${command}\n`, signal);
}

function answer(command: string, raw: string): Answer {
  const severity = /^\[(\d)\]: /.exec(raw);
  const text = (severity === null ? raw : raw.slice(severity[0].length)).trim();
  return {
    command,
    text,
    failed: (severity !== null && Number(severity[1]) <= 3) || text.startsWith('Unknown command'),
  };
}

function batches(commands: readonly string[]): readonly (readonly string[])[] {
  const all: string[][] = [];
  let size = largestBatch;
  for (const command of commands) {
    if (size + command.length + 1 > largestBatch) {
      all.push([]);
      size = 0;
    }
    all.at(-1)?.push(command);
    size += command.length + 1;
  }
  return all;
}

function exchange(path: string, input: string, signal: AbortSignal): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const chunks: Buffer[] = [];
  const socket = createConnection({ path });
  const fail = (cause: unknown): void => {
    socket.destroy();
    reject(new DataPlaneError('data-plane-unreachable', 'HAProxy does not answer on its socket', { cause }));
  };
  const onAbort = (): void => fail(signal.reason);
  const timer = setTimeout(() => fail(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  socket.on('error', fail);
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
  socket.on('close', () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    fail(new Error('the connection closed'));
  });
  // Half-closed at once: the master's socket stays open for more otherwise.
  socket.end(input);
  return promise;
}
