/** How the tests run: each file in a process of its own, three at a time (they wait more than they work), under one deadline for the whole run. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));

// For the workers and all that they start: a Node that finds what it needs compiled costs half as much.
process.env['NODE_COMPILE_CACHE'] ??= join(root, 'node_modules/.cache/baton');

export default defineConfig({
  test: {
    root,
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/deadline.ts'],
    // Tests start HAProxy, simulators and servers: processes of their own keep a crash or a leak in the file that made it.
    pool: 'forks',
    isolate: true,
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    slowTestThreshold: 10_000,
    // A test that passes at the second try is a bug, and a focused one hides all the others.
    retry: 0,
    allowOnly: false,
    watch: false,
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
  },
});
