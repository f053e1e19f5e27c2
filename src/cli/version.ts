/** Baton's version, from package.json. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

export const version: string = z.object({ version: z.string() }).parse(manifest).version;
