/** Renders the rooms of the code and what each may import, as the project references say. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { code, markdownTable } from './markdown.ts';
import { root } from './root.ts';

/** In the order in which rooms see each other. */
const rooms: Readonly<Record<string, string>> = {
  model: 'The nouns and their arithmetic. Pure',
  declared: 'Labels to declared services, with diagnostics. Pure',
  plan: 'What is declared and observed to a verdict, with reasons. Pure',
  marathon: 'REST and the event stream to a snapshot',
  dataplane: "The driver's port; HAProxy, and a data plane in memory",
  measure: 'What Prometheus and webhooks say of a new version',
  store: 'What must outlive the process: one document, replaced atomically; the lock',
  observe: 'Facts, and their folds: metrics and log',
  config: 'Flags and environment to one frozen object',
  controller: 'The loop; the only place that knows all the ports',
  api: 'HTTP: services, diagnostics, metrics, health',
  simulator: 'A Marathon in this process',
  cli: 'One file a verb',
};

const projects = z.object({ references: z.array(z.object({ path: z.string() })).default([]) });

export function roomsTable(): string {
  const map = referencesOf('tsconfig.json', /^src\/(\w+)$/);
  const forgotten = map.filter((room) => !(room in rooms));
  if (forgotten.length > 0) throw new Error(`rooms without a description: ${forgotten.join(', ')}`);
  return markdownTable(
    ['Room', 'What is in it', 'Imports'],
    map.map((room) => {
      const seen = referencesOf(`src/${room}/tsconfig.json`, /^\.\.\/(\w+)$/);
      return [code(`src/${room}/`), rooms[room] ?? '', seen.join(', ') || 'nothing'];
    }),
  );
}

function referencesOf(file: string, path: RegExp): readonly string[] {
  const { references } = projects.parse(JSON.parse(readFileSync(new URL(file, root), 'utf8')));
  return references.flatMap((each) => path.exec(each.path)?.[1] ?? []);
}
