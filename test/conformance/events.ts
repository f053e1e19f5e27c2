/** Events of Marathons of several versions: each parsed, and whole streams of them followed by the real client. */
import type { Socket } from 'node:net';
import { createMarathonWatch } from '../../src/marathon/create-watch.ts';
import { eventTypes, meaningOf } from '../../src/marathon/events.ts';
import type { MarathonWatch } from '../../src/marathon/watch.ts';
import { millis } from '../../src/model/ids.ts';
import { startFakeMarathon, streamHead } from '../marathon/support/fake-marathon.ts';
import { until } from '../support/wait.ts';
import { type Check, must, mustEqual } from './check.ts';
import type { Reference } from './reference.ts';

export interface WireEvent {
  readonly type: string;
  readonly data: string;
}

const noApp = new Set(['event_stream_attached', 'group_change_success']);

export function eventChecks(reference: Reference): readonly Check[] {
  const samples = 'marathon/events/events-marathon-1.8-to-1.11.json';
  const captured = 'marathon/events/captured-1.4-scale-to-zero.json';
  const wire = 'marathon/events/sse-wire-sample-crlf.txt';
  const examples = 'marathon/examples/events.txt';
  return [
    {
      subject: samples,
      holds: 'every event that is asked for means its app, and none other means one',
      run: () => allMean(samplesOf(reference.json(samples))),
    },
    {
      subject: captured,
      holds: 'every event of 1.4 means its app',
      run: () => {
        const { events } = reference.json(captured) as { events: { event: string; data: unknown }[] };
        return allMean(events.map(({ event, data }) => ({ type: event, data: JSON.stringify(data) })));
      },
    },
    {
      subject: examples,
      holds: 'every event means its app',
      run: () => allMean(eventsIn(reference.text(examples))),
    },
    {
      subject: wire,
      holds: 'its bytes, one at a time, come out of the client as its events',
      run: () => followed(reference.text(wire)),
    },
    {
      subject: `${samples}, ${captured}`,
      holds: 'a stream of all of them, cut anywhere, comes out of the client whole',
      run: () => {
        const { events } = reference.json(captured) as { events: { event: string; data: unknown }[] };
        const all = [
          ...samplesOf(reference.json(samples)),
          ...events.map(({ event, data }) => ({ type: event, data: JSON.stringify(data) })),
        ];
        return followed(streamHead + all.map(frameOf).join(''));
      },
    },
  ];
}

function samplesOf(json: unknown): readonly WireEvent[] {
  return Object.entries(json as Record<string, { eventType?: string }>)
    .filter(([name]) => !name.startsWith('_'))
    .map(([name, event]) => ({ type: event.eventType ?? name, data: JSON.stringify(event) }));
}

/** The events of a text of frames, whichever line ends it has; bare line ends between them are heartbeats. */
export function eventsIn(text: string): readonly WireEvent[] {
  return text.split(/(?:\r?\n){2,}/).flatMap((block) => {
    const type = /^event: (.*?)\r?$/m.exec(block)?.[1];
    const data = /^data: (.*?)\r?$/m.exec(block)?.[1];
    return type === undefined || data === undefined ? [] : [{ type, data }];
  });
}

function frameOf({ type, data }: WireEvent): string {
  return `event: ${type}\r\ndata: ${data}\r\n\r\n`;
}

function isPod(data: string): boolean {
  return /"(?:action|type)":"\w+Pod"/.test(data);
}

function allMean(events: readonly WireEvent[]): string {
  must(events.length > 0, 'there are no events');
  const apps = new Set<string>();
  for (const { type, data } of events) {
    const { hints } = meaningOf(type, data);
    const asked = (eventTypes as readonly string[]).includes(type);
    const empty = !/"(?:appId|runSpecId|app|id)":"\//.test(data) || isPod(data);
    if (!asked) mustEqual(`${type}, which is not asked for, means`, hints, []);
    else if (!noApp.has(type) && !empty) must(hints.length > 0, `${type} means no app: ${data.slice(0, 80)}`);
    for (const { app } of hints) {
      must(data.includes(`"${app}"`), `${type} means ${app}, which it does not name`);
      apps.add(app);
    }
  }
  return `${events.length} events, ${[...apps].sort().join(', ')}`;
}

/** Sends a whole answer, head included, to the client in small pieces. */
async function followed(answer: string): Promise<string> {
  const fake = await startFakeMarathon();
  fake.onStream = (socket) => void inPieces(socket, Buffer.from(answer));
  const expected = eventsIn(answer.slice(answer.indexOf('\r\n\r\n')))
    .map(({ type }) => type)
    .filter((type) => (eventTypes as readonly string[]).includes(type));
  must(expected.length > 0, 'there are no events that the client asks for');
  const seen: string[] = [];
  try {
    await watching(
      fake.url,
      (type) => seen.push(type),
      async () => {
        await until('all events', () => seen.length >= expected.length, { detail: () => seen.length });
      },
    );
    mustEqual('the events', seen, expected);
    return `${seen.length} events`;
  } finally {
    await fake.close();
  }
}

/** Pieces of 1 to 7 bytes, so that line ends and characters are cut everywhere. */
export async function inPieces(socket: Socket, bytes: Buffer): Promise<void> {
  socket.setNoDelay(true);
  for (let at = 0, size = 1; at < bytes.length; at += size, size = (size % 7) + 1) {
    socket.write(bytes.subarray(at, at + size));
    if (at % 64 < size) await new Promise(setImmediate);
  }
}

/** Runs the real client against a Marathon for as long as the work takes. */
export async function watching(
  url: string,
  onEvent: (type: string) => void,
  work: (watch: MarathonWatch) => Promise<void>,
): Promise<void> {
  const watch = createMarathonWatch({
    urls: [url],
    idleMs: 20_000,
    resyncMs: 600_000,
    requestTimeoutMs: 5_000,
    clock: () => millis(Date.now()),
    wake: () => {},
    notify: (notice) => {
      if (notice.kind === 'event') onEvent(notice.eventType);
    },
  });
  const end = new AbortController();
  const running = watch.run(end.signal);
  try {
    await work(watch);
  } finally {
    end.abort();
    await running;
  }
}
