/** The document's form on disk. */
import { z } from 'zod';

export const Document = z.object({
  version: z.literal(1),
  parts: z.record(z.string(), z.unknown()),
});
