/** `baton stop`: ends the HAProxy that a detached Baton left running. */
import { parseArgs } from 'node:util';
import { stopDetached } from '../dataplane/haproxy/stop.ts';
import { lockStateDir } from '../store/lock.ts';

const usage = `usage: baton stop --state-dir DIR

Ends the HAProxy that \`baton run --haproxy detached\` started: it finishes the
requests it has and takes no new ones. Stop Baton first; it would start HAProxy
again.
`;

export async function stop(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { 'state-dir': { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  const stateDir = values['state-dir'] ?? process.env['BATON_STATE_DIR'];
  if (values.help === true || stateDir === undefined) {
    process[values.help === true ? 'stdout' : 'stderr'].write(usage);
    return values.help === true ? 0 : 2;
  }
  const lock = await lockStateDir(stateDir);
  try {
    const stopped = await stopDetached(stateDir, signal);
    process.stdout.write(
      stopped ? `stopped the HAProxy of ${stateDir}\n` : `no HAProxy runs on ${stateDir}\n`,
    );
    return 0;
  } finally {
    await lock.release();
  }
}
