/** `baton stop`: ends the HAProxy that a detached Baton left running. */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ConfigError } from '../config/config.ts';
import { stopDetached } from '../dataplane/haproxy/stop.ts';
import { durationMs } from '../model/duration.ts';
import { lockStateDir } from '../store/lock.ts';

const usage = `usage: baton stop --state-dir DIR [--timeout DURATION]

Ends the HAProxy that \`baton run --haproxy detached\` started. It takes no new
requests and finishes those that it has, for as long as --timeout says (30s).
Stop Baton first; it would start HAProxy again.
`;

export async function stop(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      'state-dir': { type: 'string' },
      timeout: { type: 'string', default: '30s' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const stateDir = values['state-dir'] ?? process.env['BATON_STATE_DIR'];
  if (values.help === true || stateDir === undefined) {
    process[values.help === true ? 'stdout' : 'stderr'].write(usage);
    return values.help === true ? 0 : 2;
  }
  const timeoutMs = durationMs(values.timeout);
  if (timeoutMs === null) {
    throw new ConfigError(
      `--timeout is ${JSON.stringify(values.timeout)}; it should be a duration, e.g. 30s`,
    );
  }
  if (!existsSync(stateDir)) throw new ConfigError(`there is no state directory ${stateDir}`);
  const lock = await lockStateDir(stateDir);
  try {
    const stopped = await stopDetached(stateDir, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
    process.stdout.write(
      stopped ? `stopped the HAProxy of ${stateDir}\n` : `no HAProxy runs on ${stateDir}\n`,
    );
    return 0;
  } finally {
    await lock.release();
  }
}
