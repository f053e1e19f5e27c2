/** An alarm: waits until somebody wakes it or its time has come, whichever is first. */

export interface Alarm {
  /** Ends the present wait, or makes the next one return at once. Any number of calls make one awakening. */
  wake(): void;
  /** Resolves when woken, after `ms`, or when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export function createAlarm(): Alarm {
  let woken = false;
  let ring: (() => void) | null = null;
  return {
    wake() {
      woken = true;
      ring?.();
    },
    async wait(ms, signal) {
      if (!woken && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(done, ms);
          function done(): void {
            clearTimeout(timer);
            signal.removeEventListener('abort', done);
            ring = null;
            resolve();
          }
          ring = done;
          signal.addEventListener('abort', done);
        });
      }
      woken = false;
    },
  };
}
