#!/usr/bin/env node
/** `npm run build`: Baton and the packages that it needs in a few files, which run without `node_modules`. */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { rolldown } from 'rolldown';

const checkout = join(import.meta.dirname, '..');

/**
 * A thousand small files take longer to load than a few large ones, and 20 MB more. Names and lines stay as they are
 * written, so that a stack trace can be read; comments stay out.
 * @param directory where to; what stood there under these names is overwritten
 * @returns the file to start
 * @throws Error when an import leads nowhere
 */
export async function bundle(directory: string): Promise<string> {
  const build = await rolldown({
    input: join(checkout, 'src/main.ts'),
    platform: 'node',
    tsconfig: false,
    resolve: { mainFields: ['module', 'main'] },
  });
  try {
    const { output } = await build.generate({ format: 'esm', comments: false, chunkFileNames: '[name].js' });
    await mkdir(directory, { recursive: true });
    for (const each of output) {
      if (each.type === 'chunk') await writeFile(join(directory, each.fileName), narrow(each.code));
    }
    const modules = output.flatMap((each) => (each.type === 'chunk' ? each.moduleIds : []));
    const { name, version, type } = manifestIn(checkout);
    await writeFile(join(directory, 'package.json'), `${JSON.stringify({ name, version, type })}\n`);
    await writeFile(join(directory, 'LICENSES.txt'), licencesOf(modules));
  } finally {
    await build.close();
  }
  return join(directory, 'main.js');
}

/** V8 keeps a source as long as it runs, in two bytes a character where one of them needs that. */
function narrow(code: string): string {
  return code.replaceAll(/[^\0-\xff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The licence of each package that something was taken from: who passes the files on has to pass these on, too. */
function licencesOf(modules: readonly string[]): string {
  const folders = new Set(
    modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []),
  );
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = manifestIn(folder);
    const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
    const text =
      file === undefined ? `Licence: ${license ?? 'not stated'}` : readFileSync(join(folder, file), 'utf8');
    return `${name} ${version}\n\n${text.trim()}\n`;
  });
  return texts.join('\n----\n\n');
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly type?: string;
  readonly license?: string;
}

function manifestIn(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

if (import.meta.main) {
  const directory = join(checkout, 'dist');
  await rm(directory, { recursive: true, force: true });
  const main = await bundle(directory);
  process.stdout.write(`${relative(process.cwd(), main)}\n`);
}
