/** Rewrites the generated parts of all documents: `npm run docs`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { root } from './root.ts';
import { replaced, sections } from './sections.ts';

for (const section of sections) {
  const file = new URL(section.file, root);
  writeFileSync(file, replaced(readFileSync(file, 'utf8'), section));
}
