/** Baton's version, from package.json. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { manifestFile } from './main-file.ts';

const manifest: unknown = JSON.parse(readFileSync(manifestFile, 'utf8'));

export const version: string = z.object({ version: z.string() }).parse(manifest).version;
