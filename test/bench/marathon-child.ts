/** The Marathon of a run, in a process of its own: prints its address, and ends its streams when it is told to. */
import { createInterface } from 'node:readline';
import { startSimulator } from '../../src/simulator/simulator.ts';

const simulator = await startSimulator({ tasks: 'addresses', startDelayMs: 300, healthSpeed: 60 });
process.stdout.write(`${simulator.url}\n`);
createInterface({ input: process.stdin })
  .on('line', (line) => {
    if (line === 'close-streams') simulator.closeStreams();
  })
  .on('close', () => process.exit(0));
