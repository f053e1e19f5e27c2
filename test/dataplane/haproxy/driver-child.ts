/** A driver in a process of its own, for tests that kill it. Arguments: state directory, target and options as JSON. */
import { createHaproxyDriver } from '../../../src/dataplane/haproxy/driver.ts';

const [stateDir = '', target = '[]', options = '{}'] = process.argv.slice(2);
const driver = createHaproxyDriver(
  {
    stateDir,
    bind: '127.0.0.1',
    mode: 'detached',
    binary: null,
    hardStopAfterMs: 2_000,
    ...JSON.parse(options),
  },
  { notify: () => undefined },
);
const signal = AbortSignal.timeout(60_000);
await driver.start(signal);
await driver.apply(JSON.parse(target), signal);
process.stdout.write('applied\n');
setInterval(() => undefined, 1_000);
