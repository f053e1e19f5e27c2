/** Marathon as a run sees it: apps posted and crashed over HTTP, and a second subscriber that says when events came. */
import { get, type IncomingMessage } from 'node:http';
import { fileURLToPath } from 'node:url';
import { eventTypes } from '../../src/marathon/events.ts';
import { until } from '../support/wait.ts';
import { type Cleanup, startChild } from './children.ts';

export interface SeenEvent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** When its last byte came, in ms of `performance.now()`. */
  readonly at: number;
}

export interface Marathon {
  readonly url: string;
  /** All events of the types that Baton asks for, in order. */
  readonly events: readonly SeenEvent[];
  readonly call: <T>(method: string, path: string, body?: unknown) => Promise<T>;
  /** Ends all streams; resolves when this subscriber has another one. */
  readonly closeStreams: () => Promise<void>;
  /** From now on so many tasks die a second, none of the app that is spared; 0: none any more. */
  readonly churn: (perSecond: number, spared: string) => void;
  /** Begins to hear events. Not before the cluster is quiet: who is slow amid ten thousand of them is cut off. */
  readonly listen: () => Promise<void>;
  /** The first event from `index` on that matches, as soon as it is there. */
  readonly event: (index: number, matches: (event: SeenEvent) => boolean) => Promise<SeenEvent>;
}

export async function startMarathon(cleanup: Cleanup): Promise<Marathon> {
  const script = fileURLToPath(new URL('marathon-child.ts', import.meta.url));
  const child = startChild(process.execPath, [script]);
  cleanup.add(() => child.end('SIGKILL'));
  let url = '';
  child.onLine((line) => (url ||= line));
  await until('the simulator to listen', () => url !== '' || !child.running(), { detail: child.text });
  const events: SeenEvent[] = [];
  let stream: IncomingMessage | null = null;
  cleanup.add(async () => {
    stream?.destroy();
  });
  async function listen(): Promise<void> {
    stream = await subscribe(url, events, () => (stream = null));
  }

  return {
    url,
    events,
    async call<T>(method: string, path: string, body?: unknown): Promise<T> {
      const answer = await fetch(`${url}${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        signal: AbortSignal.timeout(60_000),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 300)}`);
      return (text === '' ? null : JSON.parse(text)) as T;
    },
    listen,
    churn: (perSecond, spared) => child.send(`churn ${perSecond} ${spared}`),
    async closeStreams() {
      child.send('close-streams');
      await until('the stream to end', () => stream === null, { everyMs: 1 });
      await listen();
    },
    event: (index, matches) =>
      until('an event', () => events.slice(index).find(matches), { everyMs: 1, deadlineMs: 60_000 }),
  };
}

function subscribe(url: string, events: SeenEvent[], onEnd: () => void): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const query = eventTypes.map((type) => `event_type=${type}`).join('&');
  const request = get(
    `${url}/v2/events?${query}`,
    { headers: { accept: 'text/event-stream' }, agent: false },
    (response) => {
      let rest = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        const at = performance.now();
        const frames = (rest + chunk).split('\r\n\r\n');
        rest = frames.pop() ?? '';
        for (const frame of frames) {
          const [, type, data] = /event: (\S+)\r\ndata: (.*)$/s.exec(frame) ?? [];
          if (type === undefined || data === undefined) continue;
          events.push({ type, data: JSON.parse(data) as SeenEvent['data'], at });
        }
      });
      response.on('close', onEnd).on('error', onEnd);
      resolve(response);
    },
  );
  request.on('error', reject);
  return promise;
}
