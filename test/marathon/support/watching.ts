/** A watch under test: running, with everything it said, and stopped in the end. */
import { until } from '../../support/wait.ts';
import type { App } from '../../../src/model/app.ts';
import { appId, millis } from '../../../src/model/ids.ts';
import { createMarathonWatch, type WatchTuning } from '../../../src/marathon/create-watch.ts';
import type { MarathonNotice, MarathonWatch, MarathonWatchOptions } from '../../../src/marathon/watch.ts';

export interface Watching {
  readonly watch: MarathonWatch;
  readonly notices: MarathonNotice[];
  wakes(): number;
  app(id: string): App | undefined;
  of<K extends MarathonNotice['kind']>(kind: K): readonly Extract<MarathonNotice, { kind: K }>[];
  stop(): Promise<void>;
}

/** Short waits; no periodic read unless asked for, so that counts are exact. */
export function startWatching(
  urls: readonly string[],
  options: Partial<MarathonWatchOptions> = {},
  tuning: Partial<WatchTuning> = {},
): Watching {
  const notices: MarathonNotice[] = [];
  let wakes = 0;
  const watch = createMarathonWatch(
    {
      urls,
      idleMs: 20_000,
      resyncMs: 600_000,
      requestTimeoutMs: 5_000,
      clock: () => millis(Date.now()),
      wake: () => {
        wakes += 1;
      },
      notify: (notice) => notices.push(notice),
      ...options,
    },
    {
      backoff: { firstMs: 20, maxMs: 100 },
      goodAfterMs: 10_000,
      deafMs: 600_000,
      maxBytes: 1_000_000,
      maxEventBytes: 1_000_000,
      ...tuning,
    },
  );
  const end = new AbortController();
  const running = watch.run(end.signal);
  return {
    watch,
    notices,
    wakes: () => wakes,
    app: (id) => watch.snapshot().apps.get(appId(id)),
    of: (kind) =>
      notices.filter(
        (notice): notice is Extract<MarathonNotice, { kind: typeof kind }> => notice.kind === kind,
      ),
    stop: async () => {
      end.abort();
      await running;
    },
  };
}

/** A watch that has its first list. */
export async function startSynced(...options: Parameters<typeof startWatching>): Promise<Watching> {
  const watching = startWatching(...options);
  await until('the first list', () => watching.watch.status().syncedAt !== null);
  return watching;
}
