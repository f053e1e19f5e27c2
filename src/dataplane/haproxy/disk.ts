/** The files on disk, which always equal what runs; only what changed is written. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { ensureDirectory, moveIfThere, namesIn, readIfThere, remove, writeAtomically } from './files.ts';
import { type Layout, type MapName, mapNames, mapPath } from './layout.ts';
import { type Maps, renderMap } from './maps.ts';
import { type Down, renderService } from './render-service.ts';
import { parseNotes, renderNotes, withoutNotes } from './notes.ts';
import type { Service } from './state.ts';

/** There while files on disk may be newer than what is loaded: from the first file of a reload until it is done. */
export const pendingFile = 'reload.pending';

/** How many files of services are written at a time. */
const together = 16;

/** Paths relative to HAProxy's directory; null: there is none. */
export type Texts = ReadonlyMap<string, string | null>;

export interface Disk {
  /** Reads what an earlier Baton left. */
  readonly load: () => Promise<readonly Service[]>;
  /** Writes what differs: services last and several at a time, the others in order. */
  readonly write: (texts: Texts) => Promise<void>;
  /** The same, and returns what was there before, to be written again if it turns out wrong. */
  readonly replace: (texts: Texts) => Promise<Texts>;
  /** The lists of certificates that are on disk. */
  readonly lists: () => readonly string[];
  /** The files of services that are on disk and not named. */
  readonly strays: (names: ReadonlySet<string>) => Texts;
  /** What is in the file of global settings; empty when there is none. */
  readonly global: () => string;
  /** Whether a file says just this; null: is not there. */
  readonly says: (file: string, text: string | null) => boolean;
  /** All that HAProxy loads, file by file, without passwords. */
  readonly configuration: () => Promise<string>;
  /** Whether there is such a file. */
  readonly has: (file: string) => boolean;
  /** Keeps a rejected configuration for people to look at. */
  readonly setAside: (service: string) => Promise<void>;
}

export function serviceFile(name: string): string {
  return `services/${name}.cfg`;
}

/** A service's file and what is in it; a service that is gone has none. */
export function serviceText(
  name: string,
  service: Service | undefined,
  down: Down = new Set(),
): readonly [file: string, text: string | null] {
  const text = service === undefined ? null : `${renderService(service, down)}\n${renderNotes(service)}`;
  return [serviceFile(name), text];
}

export function mapTexts<Name extends MapName>(maps: Pick<Maps, Name>, names: Iterable<Name>): Texts {
  return new Map([...names].map((map) => [mapPath(map), renderMap(maps[map])]));
}

const globalFile = 'global.cfg';

export function createDisk(layout: Layout): Disk {
  /** Digests: of a thousand services the texts are tens of megabytes. */
  const known = new Map<string, string>();
  let global = '';

  function note(file: string, text: string | null): void {
    if (text === null) known.delete(file);
    else known.set(file, digestOf(text));
    if (file === globalFile) global = text ?? '';
  }

  function says(file: string, text: string | null): boolean {
    return text === null ? !known.has(file) : known.get(file) === digestOf(text);
  }

  async function put(file: string, text: string | null): Promise<void> {
    const path = join(layout.dir, file);
    if (text === null) await remove(path);
    else await writeAtomically(path, text);
    note(file, text);
  }

  async function write(texts: Texts): Promise<void> {
    const services: (readonly [string, string | null])[] = [];
    for (const [file, text] of texts) {
      if (says(file, text)) continue;
      if (file.startsWith('services/')) services.push([file, text]);
      else await put(file, text);
    }
    for (let at = 0; at < services.length; at += together) {
      await Promise.all(services.slice(at, at + together).map(([file, text]) => put(file, text)));
    }
  }

  async function textOf(file: string): Promise<string | null> {
    return known.has(file) ? await readIfThere(join(layout.dir, file)) : null;
  }

  return {
    async load() {
      for (const dir of [layout.dir, layout.services, layout.maps, layout.tls]) await ensureDirectory(dir);
      known.clear();
      const services: Service[] = [];
      const files = [globalFile, pendingFile, ...mapNames.map(mapPath)];
      for (const name of await namesIn(layout.services)) {
        if (name.endsWith('.tmp')) await remove(join(layout.services, name));
        else if (name.endsWith('.cfg')) files.push(`services/${name}`);
      }
      for (const name of await namesIn(layout.tls)) files.push(`tls/${name}`);
      for (const file of files) {
        const text = await readIfThere(join(layout.dir, file));
        if (text === null) continue;
        note(file, text);
        const service = file.startsWith('services/') ? parseNotes(text) : null;
        if (service !== null && file === serviceFile(service.name)) services.push(service);
      }
      return services;
    },
    write,
    async replace(texts) {
      const before = new Map<string, string | null>();
      for (const [file, text] of texts) if (!says(file, text)) before.set(file, await textOf(file));
      await write(texts);
      return before;
    },
    lists: () => [...known.keys()].filter((file) => file.startsWith('tls/')),
    strays(names) {
      const found = [...known.keys()].filter((file) => {
        const name = /^services\/(.*)\.cfg$/.exec(file)?.[1];
        return name !== undefined && !names.has(name);
      });
      return new Map(found.map((file) => [file, null]));
    },
    global: () => global,
    says,
    async configuration() {
      const files = [...known.keys()].filter((file) => /^services\/.*\.cfg$/.test(file)).sort();
      let all = '';
      for (const file of [globalFile, ...files])
        all += `# ${file}\n${withoutNotes((await textOf(file)) ?? '')}\n`;
      return all.replace(/^( {2}user \S+ password) .*$/gm, '$1 (not shown)');
    },
    has: (file) => known.has(file),
    async setAside(service) {
      const file = join(layout.dir, serviceFile(service));
      await moveIfThere(file, `${file}.rejected`);
      known.delete(serviceFile(service));
    },
  };
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
