/** A temporary checkout with this one's real configuration and one empty file a room, to plant violations in. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesUnder } from './tree.ts';

/** The checkout that the tests run in. */
export const checkout = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

export interface PlantedTree {
  readonly root: string;
  write(file: string, ...lines: readonly string[]): void;
  remove(): void;
}

/** What a tool said, and its exit code. */
export interface ToolResult {
  readonly code: number | null;
  readonly output: string;
}

export function plantTree(): PlantedTree {
  const root = mkdtempSync(join(tmpdir(), 'baton-layers-'));
  const write = (file: string, ...lines: readonly string[]) => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), `${lines.join('\n')}\n`);
  };
  for (const file of ['package.json', '.oxlintrc.json', ...tsconfigs()]) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    cpSync(join(checkout, file), join(root, file));
    if (file.includes('/')) {
      write(join(dirname(file), 'room.ts'), `export const room = '${dirname(file)}';`);
    }
  }
  symlinkSync(join(checkout, 'node_modules'), join(root, 'node_modules'));
  return { root, write, remove: () => rmSync(root, { recursive: true, force: true }) };
}

function tsconfigs(): readonly string[] {
  const below = ['src', 'deploy', 'test'].flatMap((folder) => filesUnder(checkout, folder));
  return ['tsconfig.json', ...below.filter((file) => file.endsWith('/tsconfig.json'))];
}

/** Runs one of the installed tools (`tsc`, `oxlint`) in a folder, to its end. */
export function runTool(root: string, tool: string, args: readonly string[]): ToolResult {
  const done = spawnSync(join(checkout, 'node_modules/.bin', tool), args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 50_000,
    killSignal: 'SIGKILL',
  });
  return { code: done.status, output: `${done.stdout}${done.stderr}` };
}
