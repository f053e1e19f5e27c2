/** The event stream's connections on a bad day: dropped, silent, hanging, or in pieces. */
import type { ServerResponse } from 'node:http';
import { type FaultRegistry, repeat } from './faults.ts';
import type { FaultOf } from './faults-schema.ts';
import type { Timers } from './timers.ts';

/** What a hanging stream keeps for later, in characters; one that would keep more is cut off. */
const mostKept = 16 * 1024 * 1024;

interface Piece {
  readonly bytes: Buffer;
  readonly done: (() => void) | undefined;
}

interface Wire {
  readonly response: ServerResponse;
  readonly write: (bytes: Buffer | string, done?: () => void) => boolean;
  readonly end: () => void;
  readonly waiting: Piece[];
  kept: number;
  busy: boolean;
  ending: boolean;
  /** Half-open: nothing is written any more, and nothing is closed. */
  silent: boolean;
}

/** @returns what lays a stream's response on a wire that can fail; it is the same response. */
export function createStreamFaults(
  faults: FaultRegistry,
  timers: Timers,
): (response: ServerResponse) => ServerResponse {
  const wires = new Set<Wire>();
  const hangs = (): boolean => faults.active('hang-stream').length > 0;

  function pump(wire: Wire): void {
    if (wire.busy || hangs() || wire.silent) return;
    const piece = wire.waiting.shift();
    if (piece === undefined) {
      if (wire.ending) wire.end();
      return;
    }
    wire.busy = true;
    wire.kept -= piece.bytes.length;
    wire.write(piece.bytes, () => {
      // The next piece in a later turn of the loop, so that it gets a packet of its own.
      setImmediate(() => {
        wire.busy = false;
        piece.done?.();
        pump(wire);
      });
    });
  }

  function write(wire: Wire, text: string | Buffer, done: (() => void) | undefined): boolean {
    if (wire.silent) {
      if (done !== undefined) setImmediate(done);
      return true;
    }
    const split = faults.active('split-stream')[0];
    const free = wire.waiting.length === 0 && !wire.busy && !hangs();
    if (free && split === undefined) return wire.write(text, done);
    const bytes = Buffer.from(text);
    for (const { piece, last } of pieces(bytes, split)) {
      wire.waiting.push({ bytes: piece, done: last ? done : undefined });
    }
    wire.kept += bytes.length;
    if (wire.kept > mostKept) wire.response.destroy();
    else pump(wire);
    return true;
  }

  function drop(how: FaultOf<'drop-stream'>['how']): void {
    for (const wire of wires) {
      if (how === 'fin') wire.end();
      else if (how === 'reset') wire.response.socket?.resetAndDestroy();
      else wire.silent = true;
    }
  }

  faults.when('drop-stream', (fault) => repeat(timers, fault.everyMs, () => drop(fault.how)));
  faults.when('hang-stream', () => () => {
    for (const wire of wires) pump(wire);
  });

  return (response) => {
    const own = {
      write: response.write.bind(response),
      end: response.end.bind(response),
      destroy: response.destroy.bind(response),
    };
    const wire: Wire = {
      response,
      write: (bytes, done) => (done === undefined ? own.write(bytes) : own.write(bytes, done)),
      end: () => void own.end(),
      waiting: [],
      kept: 0,
      busy: false,
      ending: false,
      silent: false,
    };
    wires.add(wire);
    response.on('close', () => wires.delete(wire));
    return Object.assign(response, {
      write: (text: string | Buffer, done?: () => void) => write(wire, text, done),
      end: () => {
        wire.ending = true;
        pump(wire);
        return response;
      },
      // What a leader does to its streams when it goes does not reach a client either.
      destroy: (error?: Error) => (wire.silent ? response : own.destroy(error)),
    });
  };
}

/** Without a fault in one piece; else in pieces of random length up to the fault's `bytes`. */
function* pieces(
  bytes: Buffer,
  split: { readonly fault: { readonly bytes: number }; readonly random: () => number } | undefined,
): Generator<{ readonly piece: Buffer; readonly last: boolean }> {
  for (let at = 0; at < bytes.length; ) {
    const size = split === undefined ? bytes.length : 1 + Math.floor(split.random() * split.fault.bytes);
    const piece = bytes.subarray(at, at + size);
    at += size;
    yield { piece, last: at >= bytes.length };
  }
}
