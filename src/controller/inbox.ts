/** What people ask of the loop waits here, until the loop takes it between two turns. */

export interface Inbox<Asked, Answer> {
  /** Resolves to the answer, once the loop has taken it. */
  give(asked: Asked): Promise<Answer>;
  /** What was given until now, in that order. */
  take(): readonly Waiting<Asked, Answer>[];
  /** Nobody will take what is given from now on. */
  close(): void;
}

export interface Waiting<Asked, Answer> {
  readonly asked: Asked;
  readonly answer: (answer: Answer) => void;
}

/** More than these at a time are refused. */
const mostWaiting = 1000;

export function createInbox<Asked, Answer>(
  wake: () => void,
  refused: (problem: string) => Answer,
): Inbox<Asked, Answer> {
  let waiting: Waiting<Asked, Answer>[] = [];
  let isClosed = false;
  return {
    give(asked) {
      if (isClosed) return Promise.resolve(refused('Baton is stopping'));
      if (waiting.length >= mostWaiting) return Promise.resolve(refused('too many commands are waiting'));
      return new Promise((answer) => {
        waiting.push({ asked, answer });
        wake();
      });
    },
    take() {
      const given = waiting;
      waiting = [];
      return given;
    },
    close() {
      isClosed = true;
      for (const { answer } of waiting) answer(refused('Baton is stopping'));
      waiting = [];
    },
  };
}
