/** Timers that end together. */

export interface Timers {
  /** Runs `work` after `ms`, unless the returned function is called before. */
  after(ms: number, work: () => void): () => void;
  close(): void;
}

/** `onError` hears what a timer's work throws, so that one bad callback does not end the process. */
export function createTimers(onError: (error: unknown) => void): Timers {
  const pending = new Set<NodeJS.Timeout>();
  let closed = false;
  return {
    after(ms, work) {
      if (closed) return () => {};
      const timer = setTimeout(() => {
        pending.delete(timer);
        try {
          work();
        } catch (error) {
          onError(error);
        }
      }, ms);
      pending.add(timer);
      return () => {
        clearTimeout(timer);
        pending.delete(timer);
      };
    },
    close() {
      closed = true;
      for (const timer of pending) clearTimeout(timer);
      pending.clear();
    },
  };
}
