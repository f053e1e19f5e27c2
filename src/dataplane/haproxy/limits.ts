/** How many connections HAProxy will have: it takes what the limit on open files gives it. */
import { readFileSync } from 'node:fs';

/** HAProxy goes no further, whatever the limit (`fd-hard-limit`). */
export const mostFiles = 100_000;
/** Where the limit cannot be read (no /proc): what every system gives. */
const fewestFiles = 1_024;
/** Sockets, checks and files that are not connections. */
const reserved = 100;

/** Each connection takes two files, one on either side; HAProxy raises itself to the hard limit. At least 100. */
export function connectionLimit(): number {
  return Math.max(100, Math.floor((Math.min(hardFileLimit(), mostFiles) - reserved) / 2));
}

function hardFileLimit(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'latin1');
    const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1];
    return hard === 'unlimited' ? mostFiles : Number(hard ?? fewestFiles);
  } catch {
    return fewestFiles;
  }
}
