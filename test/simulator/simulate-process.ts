/** Runs the verb `simulate` as a process of its own, as the command line does. */
import { simulate } from '../../src/cli/simulate.ts';

const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());
process.exitCode = await simulate(process.argv.slice(2), stop.signal);
