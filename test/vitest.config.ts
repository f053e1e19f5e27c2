/** How the tests run: four files at a time (they wait more than they work), under one deadline for the whole run. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './support/sequence.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const pureRooms = 'test/{model,declared,plan}/**/*.test.ts';

// For the workers and all that they start: a Node that finds what it needs compiled costs half as much.
process.env['NODE_COMPILE_CACHE'] ??= join(root, 'node_modules/.cache/baton');

export default defineConfig({
  test: {
    root,
    globalSetup: ['test/support/deadline.ts'],
    pool: 'forks',
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    // For hangs alone: on a busy machine a test of many processes takes five times as long.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    teardownTimeout: 20_000,
    slowTestThreshold: 10_000,
    // A test that passes at the second try is a bug, and a focused one hides all the others.
    retry: 0,
    allowOnly: false,
    watch: false,
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
    projects: [
      {
        extends: true,
        // Pure rooms can leave nothing behind for the next file: what all of them need is loaded once.
        test: { name: 'pure', include: [pureRooms], isolate: false },
      },
      {
        extends: true,
        // Tests start HAProxy, simulators and servers: processes of their own keep a crash or a leak in the file that made it.
        test: { name: 'whole', include: ['test/**/*.test.ts'], exclude: [pureRooms], isolate: true },
      },
    ],
  },
});
