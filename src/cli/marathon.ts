/** The part of a watch on Marathon that the configuration decides. */
import type { Config } from '../config/config.ts';
import { systemClock } from '../controller/clock.ts';
import type { MarathonWatchOptions } from '../marathon/watch.ts';

export function watchOptions(config: Config): Omit<MarathonWatchOptions, 'wake' | 'notify'> {
  return {
    urls: config.marathon,
    access: config.marathonAccess,
    idleMs: config.marathonIdleMs,
    resyncMs: config.resyncMs,
    requestTimeoutMs: config.requestTimeoutMs,
    clock: systemClock,
  };
}
