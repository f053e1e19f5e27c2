/** How the soak runs: alone, for as long as it takes, and never with the other tests. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The files whose tests try many cases; "npm test" tries few of them each time. */
const properties = [
  'test/{declared,plan}/**/properties.test.ts',
  'test/declared/{json,vips}.test.ts',
  'test/declared/marathon-lb/naming.test.ts',
  'test/plan/termination.test.ts',
  'test/cli/lint-hostile.test.ts',
  'test/dataplane/haproxy/routes.test.ts',
  'test/simulator/rolling.test.ts',
];

export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: ['test/soak/*.soak.ts', ...properties],
    env: { TIMES: process.env['TIMES'] ?? '20' },
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 3_600_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    watch: false,
  },
});
