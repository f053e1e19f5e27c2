/** SHA-1, for rules of other programs that derive names and ports from it; never for secrets. */

const initial = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0] as const;

/** The SHA-1 digest (RFC 3174) of a text in UTF-8, as 40 hexadecimal digits. */
export function sha1(text: string): string {
  const words = padded(utf8(text));
  let state: readonly [number, number, number, number, number] = initial;
  for (let at = 0; at < words.length; at += 16) {
    const schedule = words.slice(at, at + 16);
    for (let t = 16; t < 80; t += 1) {
      const mixed = [3, 8, 14, 16].reduce((sum, back) => sum ^ (schedule[t - back] ?? 0), 0);
      schedule.push(rotate(mixed, 1));
    }
    let [a, b, c, d, e] = state;
    for (const [t, word] of schedule.entries()) {
      const next = (rotate(a, 5) + mix(t, b, c, d) + e + word + constant(t)) | 0;
      [a, b, c, d, e] = [next, a, rotate(b, 30), c, d];
    }
    const [h0, h1, h2, h3, h4] = state;
    state = [(h0 + a) | 0, (h1 + b) | 0, (h2 + c) | 0, (h3 + d) | 0, (h4 + e) | 0];
  }
  return state.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

function mix(t: number, b: number, c: number, d: number): number {
  if (t < 20) return (b & c) | (~b & d);
  return t >= 40 && t < 60 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
}

function constant(t: number): number {
  return [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6][Math.floor(t / 20)] ?? 0;
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

/** The bytes with a one bit, zeros and the length in bits behind them, as big-endian words in blocks of sixteen. */
function padded(bytes: readonly number[]): number[] {
  const words = Array.from({ length: 16 * (Math.floor((bytes.length + 8) / 64) + 1) }, () => 0);
  for (const [at, byte] of [...bytes, 0x80].entries()) {
    words[at >> 2] = (words[at >> 2] ?? 0) | (byte << (24 - 8 * (at & 3)));
  }
  words[words.length - 2] = Math.floor(bytes.length / 0x2000_0000);
  words[words.length - 1] = (bytes.length << 3) | 0;
  return words;
}

function utf8(text: string): readonly number[] {
  const encoded = encodeURIComponent(text.toWellFormed());
  return [...encoded.matchAll(/%([0-9A-F]{2})|[^%]/g)].map(([whole, hex]) =>
    hex === undefined ? whole.charCodeAt(0) : Number.parseInt(hex, 16),
  );
}
