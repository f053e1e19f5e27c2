/** The event stream of /v2/events: its subscribers, its framing, its heartbeat, and how slow one may be. */
import type { ServerResponse } from 'node:http';
import type { Dialect } from './dialect.ts';
import { streamAttached, streamDetached } from './events.ts';
import type { Timers } from './timers.ts';
import type { MarathonEvent } from './world.ts';

export interface EventHub {
  publish(event: MarathonEvent): void;
  /** Answers with the stream; `types` empty: all events. Filtered events count against the buffer as well. */
  attach(response: ServerResponse, remoteAddress: string, types: readonly string[]): void;
  subscribers(): number;
  /** Closes every stream, as a leader does that abdicates. */
  closeStreams(): void;
}

interface Stream {
  readonly response: ServerResponse;
  readonly remoteAddress: string;
  readonly types: ReadonlySet<string>;
  readonly waiting: string[];
  /** A heartbeat is half written, or the client does not take more for now. */
  blocked: boolean;
}

export interface EventHubOptions {
  readonly heartbeatMs: number;
  readonly timers: Timers;
  readonly now: () => number;
  /** How many events may wait for one consumer, and what then becomes of it. */
  readonly slowConsumer: Dialect['slowConsumer'];
}

export function createEventHub(options: EventHubOptions): EventHub {
  const streams = new Set<Stream>();

  function publish(event: MarathonEvent): void {
    if (streams.size === 0) return;
    const frame = frameOf(event);
    for (const stream of streams) {
      if (!stream.blocked && stream.waiting.length === 0) {
        if (wants(stream, event)) write(stream, frame);
      } else if (stream.waiting.length < options.slowConsumer.most) {
        stream.waiting.push(wants(stream, event) ? frame : '');
      } else if (options.slowConsumer.then === 'disconnect') {
        detach(stream);
      }
    }
  }

  function write(stream: Stream, frame: string): void {
    if (stream.response.write(frame)) return;
    stream.blocked = true;
    stream.response.once('drain', () => unblock(stream));
  }

  function unblock(stream: Stream): void {
    stream.blocked = false;
    while (!stream.blocked && streams.has(stream)) {
      const frame = stream.waiting.shift();
      if (frame === undefined) return;
      if (frame !== '') write(stream, frame);
    }
  }

  function detach(stream: Stream): void {
    if (!streams.delete(stream)) return;
    stream.waiting.length = 0;
    if (stream.blocked) stream.response.destroy();
    else stream.response.end();
    publish(streamDetached(options.now(), stream.remoteAddress));
  }

  /** CR and LF are flushed apart, and no event comes between them. */
  function heartbeat(stream: Stream): void {
    if (!streams.has(stream)) return;
    options.timers.after(options.heartbeatMs, () => heartbeat(stream));
    if (stream.blocked) return;
    stream.blocked = true;
    stream.response.write('\r', () => {
      options.timers.after(1, () => {
        if (streams.has(stream)) stream.response.write('\n', () => unblock(stream));
      });
    });
  }

  return {
    publish,
    attach(response, remoteAddress, types) {
      const stream: Stream = { response, remoteAddress, types: new Set(types), waiting: [], blocked: false };
      // The body runs to the end of the connection: no length, no chunks.
      response.useChunkedEncodingByDefault = false;
      response.setHeader('Content-Type', 'text/event-stream;charset=utf-8');
      response.setHeader('Connection', 'close');
      response.socket?.setNoDelay(true);
      response.flushHeaders();
      streams.add(stream);
      response.on('close', () => detach(stream));
      response.on('error', () => detach(stream));
      publish(streamAttached(options.now(), remoteAddress));
      options.timers.after(options.heartbeatMs, () => heartbeat(stream));
    },
    subscribers: () => streams.size,
    closeStreams() {
      for (const stream of streams) detach(stream);
    },
  };
}

function wants(stream: Stream, event: MarathonEvent): boolean {
  return stream.types.size === 0 || stream.types.has(event.eventType);
}

function frameOf(event: MarathonEvent): string {
  return `event: ${event.eventType}\r\ndata: ${JSON.stringify(event)}\r\n\r\n`;
}
