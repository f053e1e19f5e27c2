/** `baton stop`: ends the HAProxy that a detached Baton left running. */
import { existsSync } from 'node:fs';
import { ConfigError } from '../config/error.ts';
import { stopDetached } from '../dataplane/haproxy/stop.ts';
import { durationMs } from '../model/duration.ts';
import { parseVerbFlags } from './flags.ts';
import { lockStateDir, StateDirLockedError } from '../store/lock.ts';

const usage = `usage: baton stop --state-dir DIR [--timeout DURATION]

Ends the HAProxy that \`baton run --haproxy detached\` started. It takes no new
requests and finishes those that it has, for as long as --timeout says (30s).
Stop Baton first; it would start HAProxy again.

  --state-dir DIR       the one of that Baton [BATON_STATE_DIR]
  --timeout DURATION    how long requests may go on, such as 90s (30s)
  -h, --help            this text
`;

export async function stop(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const values = parseVerbFlags(argv, {
    'state-dir': { type: 'string' },
    timeout: { type: 'string', default: '30s' },
    help: { type: 'boolean', short: 'h' },
  });
  const stateDir = values['state-dir'] ?? process.env['BATON_STATE_DIR'];
  if (values.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  if (stateDir === undefined) {
    throw new ConfigError(
      '--state-dir is missing; it should be the directory that baton run was given, or its default: /var/lib/baton for root, else ~/.local/state/baton',
    );
  }
  const timeoutMs = durationMs(values.timeout);
  if (timeoutMs === null) {
    throw new ConfigError(
      `--timeout is ${JSON.stringify(values.timeout)}; it should be a duration, e.g. 30s`,
    );
  }
  if (!existsSync(stateDir)) throw new ConfigError(`there is no state directory ${stateDir}`);
  const lock = await lockStateDir(stateDir).catch((error: unknown) => {
    if (!(error instanceof StateDirLockedError)) throw error;
    throw new StateDirLockedError(stateDir, error.owner, 'else it starts HAProxy again');
  });
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
