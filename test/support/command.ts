/** Runs `baton` as a person would, to its end. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Not synchronously, so that what it talks to may live in this process. It is given a minute. */
export async function baton(
  argv: readonly string[],
  given: { readonly input?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...argv], {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: '/nonexistent',
      // As in the image: else each start compiles what the last one has compiled.
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '',
      ...given.env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: 60_000,
  });
  // Who is refused at once does not read to the end.
  child.stdin.on('error', () => {});
  child.stdin.end(given.input ?? '');
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [stdout, stderr, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { status, stdout, stderr };
}

/** The columns of the widest line. */
export function widthOf(output: string): number {
  return Math.max(...output.split('\n').map((line) => line.length));
}
