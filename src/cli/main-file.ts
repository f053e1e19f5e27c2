/** Where the files are that Baton itself needs: in the source, or where `npm run build` put everything. */
import { join } from 'node:path';

/** All files of a bundle are in one directory. */
const isBundle = !import.meta.filename.endsWith('.ts');

/** What Node is given to start Baton. */
export const mainFile: string = join(import.meta.dirname, isBundle ? 'main.js' : '../main.ts');

export const manifestFile: string = join(import.meta.dirname, isBundle ? '' : '../..', 'package.json');
