#!/usr/bin/env node
/** `npm run conformance -- DIR`: the simulator and the client against reference data. Exit code 1 when anything deviates. */
import { type Outcome, runChecks, tableOf } from './check.ts';
import { eventChecks } from './events.ts';
import { readingChecks } from './read.ts';
import { lintChecks } from './lint.ts';
import { openReference } from './reference.ts';
import { compileSchemas } from './schemas.ts';
import { simulatedClusterChecks } from './simulated-cluster.ts';
import { simulatorChecks } from './simulated.ts';
import { simulatedEventChecks } from './simulated-events.ts';
import { simulatedPodChecks } from './simulated-pods.ts';
import { transcriptChecks } from './transcript.ts';

const usage = `usage: npm run conformance -- DIR

Checks what the simulator accepts and answers, and what the client reads, against
the reference data in DIR: Marathon's schemas, examples and events (marathon/),
and app definitions and transcripts of its users (avi/, dcos-vip/, zdd/).
`;

/** @throws Error when the directory is not laid out so */
export async function conformance(directory: string): Promise<readonly Outcome[]> {
  const reference = openReference(directory);
  const schemas = compileSchemas(reference);
  return runChecks([
    ...simulatorChecks(reference, schemas),
    ...simulatedClusterChecks(schemas),
    ...simulatedEventChecks(reference),
    ...simulatedPodChecks(reference, schemas),
    ...eventChecks(reference),
    ...transcriptChecks(reference),
    ...readingChecks(reference),
    ...lintChecks(reference),
  ]);
}

if (import.meta.main) {
  const [directory, ...rest] = process.argv.slice(2);
  if (directory === undefined || directory.startsWith('-') || rest.length > 0) {
    process.stderr.write(usage);
    process.exitCode = 2;
  } else {
    try {
      const outcomes = await conformance(directory);
      process.stdout.write(tableOf(outcomes));
      process.exitCode = outcomes.every(({ passed }) => passed) ? 0 : 1;
    } catch (error) {
      process.stderr.write(`conformance: ${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    }
  }
}
