/** How the soak runs: alone, for as long as it takes, and never with the other tests. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: ['test/soak/*.soak.ts'],
    pool: 'forks',
    fileParallelism: false,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    watch: false,
  },
});
