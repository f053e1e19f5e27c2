/** Reads Marathon once, and changes nothing there. */
import type { Config } from '../../config/config.ts';
import { createMarathonWatch } from '../../marathon/create-watch.ts';
import { errorOfTransport } from '../../marathon/errors.ts';
import type { Cluster } from '../../model/app.ts';
import { watchOptions } from '../marathon.ts';

/** @throws Error with what to check when it cannot be read within `--request-timeout` */
export async function readOnce(config: Config, signal: AbortSignal): Promise<Cluster> {
  const done = new AbortController();
  const bound = AbortSignal.timeout(config.requestTimeoutMs);
  const either = AbortSignal.any([signal, done.signal, bound]);
  let failure: Error | null = null;
  const watch = createMarathonWatch({
    ...watchOptions(config),
    wake: () => {
      if (watch.status().syncedAt !== null) done.abort();
    },
    // Somebody sits there and waits: the first list that cannot be read is the answer.
    notify: (notice) => {
      if (notice.kind === 'disconnected') failure = new Error(notice.reason);
      if (notice.kind !== 'sync-failed') return;
      failure = notice.error;
      done.abort();
    },
  });
  await watch.run(either);
  if (watch.status().syncedAt !== null) return watch.snapshot();
  throw failure ?? errorOfTransport(bound.aborted ? bound.reason : signal.reason, hostsOf(config));
}

/** The hosts that were asked, for people. */
export function hostsOf(config: Config): string {
  return config.marathon.map((url) => new URL(url).host).join(', ');
}
