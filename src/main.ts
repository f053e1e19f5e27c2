#!/usr/bin/env -S node --max-semi-space-size=4
/**
 * Baton: hands live traffic from one version of a Marathon app to the next, because of a label.
 *
 * The story, as `cli/run.ts` wires it: `marathon` follows the event stream and keeps a snapshot of apps and tasks;
 * whatever changes wakes the `controller`, which lets `declared` read the labels, asks the data plane what it runs,
 * lets `plan` decide, has the driver in `dataplane` apply and verify that, and publishes facts that `observe` turns
 * into metrics and log lines and `api` shows. `model` holds the nouns; `store` what must outlive the process;
 * `simulator` a Marathon to rehearse with.
 *
 * This file only picks the verb.
 */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// Before anything is loaded, so that from the second start on nothing is stripped of types and compiled anew: half of the time, and 25 MB less.
// What is bundled keeps it where Node does, or where NODE_COMPILE_CACHE says.
const isSource = import.meta.filename.endsWith('.ts');
enableCompileCache(isSource ? join(import.meta.dirname, '../node_modules/.cache/baton') : undefined);
const { main } = await import('./cli/verbs.ts');
process.exitCode = await main(process.argv.slice(2));
