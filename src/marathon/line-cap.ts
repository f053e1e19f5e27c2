/** Bounds the lines of a byte stream: the rest of one that is too long is left out, and the stream goes on. */

/**
 * A function that the stream's chunks are passed through. Marathon 1.4 writes the whole root group, twice, into one
 * line of a deployment event; a line that was cut is no JSON any more, and so an event without a meaning.
 * @param maxBytes how much of a line is passed on
 * @param onCut called once for each line that is longer
 */
export function lineCap(maxBytes: number, onCut: () => void): (chunk: Uint8Array) => Uint8Array {
  /** Bytes of the present line so far. */
  let length = 0;

  /** What of `part`, which has no line end but perhaps its last byte, is passed on. */
  function pass(part: Uint8Array, isEnd: boolean): Uint8Array {
    const content = part.length - (isEnd ? 1 : 0);
    const room = Math.max(0, maxBytes - length);
    if (length <= maxBytes && length + content > maxBytes) onCut();
    length = isEnd ? 0 : length + content;
    if (content <= room) return part;
    return isEnd ? Buffer.concat([part.subarray(0, room), part.subarray(-1)]) : part.subarray(0, room);
  }

  return (chunk) => {
    if (length + chunk.length <= maxBytes) {
      const end = Math.max(chunk.lastIndexOf(cr), chunk.lastIndexOf(lf));
      length = end === -1 ? length + chunk.length : chunk.length - 1 - end;
      return chunk;
    }
    const parts: Uint8Array[] = [];
    for (let start = 0; start < chunk.length; ) {
      const end = lineEnd(chunk, start);
      const next = end === -1 ? chunk.length : end + 1;
      parts.push(pass(chunk.subarray(start, next), end !== -1));
      start = next;
    }
    return Buffer.concat(parts);
  };
}

const cr = 0x0d;
const lf = 0x0a;

function lineEnd(chunk: Uint8Array, from: number): number {
  const ends = [chunk.indexOf(cr, from), chunk.indexOf(lf, from)].filter((at) => at !== -1);
  return ends.length === 0 ? -1 : Math.min(...ends);
}
