/** What the configuration says of Marathon. */
import type { Config } from '../config/config.ts';
import { systemClock } from '../controller/clock.ts';
import type { MarathonWatchOptions } from '../marathon/watch.ts';
import type { MarathonWriterOptions } from '../marathon/writer.ts';

/** The part of a watch that it decides. */
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

/** The part of a writer that it decides. */
export function writerOptions(config: Config): Omit<MarathonWriterOptions, 'notify'> {
  return {
    urls: config.marathon,
    access: config.marathonAccess,
    requestTimeoutMs: config.requestTimeoutMs,
  };
}

/** An address that may be shown. */
export function withoutCredentials(url: string): string {
  const parsed = new URL(url);
  parsed.username = '';
  parsed.password = '';
  return parsed.href;
}
