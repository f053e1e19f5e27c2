/** Reads files of app definitions, `-` for standard input. */
import { open } from 'node:fs/promises';
import { ConfigError } from '../../config/error.ts';
import { compare } from '../../declared/order.ts';
import { type FoundApp, findApps } from './find-apps.ts';
import { type Finding, finding } from './findings.ts';
import { readJson } from './json-source.ts';
import { type DefinedApp, defineApp } from './to-app.ts';

export interface Definitions {
  readonly files: readonly string[];
  /** In the order of the files; each app once, as the last of several defines it. */
  readonly apps: readonly DefinedApp[];
  /** By file, then by place. */
  readonly findings: readonly Finding[];
}

/** Bytes; Marathon itself takes requests of up to 1 MiB or so, and a list of thousands of apps has a few. */
const largest = 32 * 1024 * 1024;

/**
 * Reads all apps of all files.
 * @param version the version that the apps would have, an ISO time
 * @throws ConfigError for a file that cannot be read
 */
export async function readDefinitions(
  files: readonly string[],
  version: string,
  signal: AbortSignal,
): Promise<Definitions> {
  const found: FoundApp[] = [];
  const findings: Finding[] = [];
  const names = files.map((file) => (file === '-' ? '(standard input)' : file));
  for (const [index, path] of files.entries()) {
    const file = names[index] ?? path;
    const source = readJson(await textOf(path, signal));
    for (const { what, remedy, line, column } of source.flaws)
      findings.push(finding('invalid-json', { file, line, column }, `This is not JSON: ${what}.`, remedy));
    const inFile = findApps(file, source);
    found.push(...inFile.apps);
    findings.push(...inFile.findings);
  }
  const nextPort = chosenPorts();
  const apps = new Map<string, DefinedApp>();
  for (const each of found) {
    const { defined, findings: own } = defineApp(each, version, nextPort);
    findings.push(...own);
    const key = each.id ?? `without id ${apps.size}`;
    const before = apps.get(key)?.found;
    if (before !== undefined) {
      const { line } = before.source.placeAt(before.node.offset);
      const where = { file: each.file, ...each.source.placeAt(each.node.offset), app: each.id };
      const problem = `The app is defined before, in ${before.file} line ${line}; this one counts.`;
      findings.push(finding('app-twice', where, problem, 'Give it another id, or leave one.'));
      apps.delete(key);
    }
    apps.set(key, defined);
  }
  const order = new Map(names.map((name, index) => [name, index]));
  findings.sort(
    (a, b) =>
      (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0) ||
      a.line - b.line ||
      a.column - b.column ||
      compare(a.code, b.code),
  );
  return { files: [...new Set(names)], apps: [...apps.values()], findings };
}

/** From the highest down, where nobody writes one. */
function chosenPorts(): () => number {
  let next = 65_536;
  return () => {
    next = next > 20_000 ? next - 1 : 65_535;
    return next;
  };
}

/** @throws ConfigError for a file that cannot be read */
export async function textOf(path: string, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    const stream =
      path === '-'
        ? process.stdin
        : (await open(path, 'r')).createReadStream({ signal, highWaterMark: 1 << 20 });
    for await (const chunk of stream) {
      const bytes = Buffer.from(chunk as Uint8Array);
      size += bytes.length;
      if (size > largest) throw new ConfigError(`it has more than ${largest / 1024 / 1024} MiB`);
      chunks.push(bytes);
    }
  } catch (error) {
    const name = path === '-' ? 'standard input' : path;
    throw new ConfigError(`cannot read ${name}: ${why(error)}`, { cause: error });
  }
  return Buffer.concat(chunks).toString('utf8');
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a directory; name the files in it',
  EACCES: 'this user may not read it',
};

function why(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return reasons['code' in error ? String(error.code) : ''] ?? error.message;
}
