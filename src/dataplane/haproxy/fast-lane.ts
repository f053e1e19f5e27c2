/** One connection to HAProxy's runtime socket that is kept open, so that what must happen at once is on its way at once. */
import { createConnection, type Socket } from 'node:net';

export interface FastLane {
  /**
   * Sends commands in the present turn of the event loop, where a new connection would take another one. Resolves to whether
   * HAProxy has carried them out, for all that can be told; false also when there is no connection, and then the next one is
   * opened.
   */
  say(commands: readonly string[]): Promise<boolean>;
  /** Opens the connection, if there is none. */
  open(): void;
  /** Closes it: a worker that is replaced would keep it. */
  drop(): void;
}

/** HAProxy closes a connection that says nothing for as long as `stats timeout`, 30 s; this sets it, for this one. */
const greeting = 'prompt\nset timeout cli 1d\n';
const timeoutMs = 2_000;
const prompt = '\n> ';

interface Waiting {
  /** How many prompts are still to come. */
  prompts: number;
  readonly done: (isDone: boolean) => void;
}

interface Lane {
  readonly socket: Socket;
  readonly waiting: Waiting[];
}

/** @param path of the runtime socket */
export function createFastLane(path: string): FastLane {
  let lane: Lane | null = null;

  function close(closing: Lane): void {
    if (lane === closing) lane = null;
    closing.socket.destroy();
    for (const { done } of closing.waiting.splice(0)) done(false);
  }

  function open(): void {
    if (lane !== null) return;
    const opened: Lane = { socket: createConnection({ path }), waiting: [] };
    const { socket, waiting } = opened;
    let tail = '';
    lane = opened;
    // Nobody is kept from ending by a connection that says nothing.
    socket.unref();
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      const parts = (tail + text).split(prompt);
      tail = (parts.pop() ?? '').slice(1 - prompt.length);
      for (let count = parts.length; count > 0; count -= 1) {
        const [first] = waiting;
        if (first === undefined) return;
        first.prompts -= 1;
        if (first.prompts > 0) continue;
        waiting.shift();
        first.done(true);
      }
    });
    for (const event of ['error', 'close', 'end'] as const) socket.on(event, () => close(opened));
    // The greeting's own prompts are nobody's.
    waiting.push({ prompts: 2, done: () => {} });
    socket.write(greeting);
  }

  return {
    open,
    drop: () => {
      if (lane !== null) close(lane);
    },
    async say(commands) {
      const current = lane;
      if (current === null) {
        open();
        return false;
      }
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const timer = setTimeout(() => close(current), timeoutMs);
      current.waiting.push({ prompts: commands.length, done: resolve });
      current.socket.write(`${commands.join('\n')}\n`);
      return await promise.finally(() => clearTimeout(timer));
    },
  };
}
