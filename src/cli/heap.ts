/** The heap of a process that runs for months. */
import { setFlagsFromString } from 'node:v8';

/** V8 would otherwise let the heap of a large first read grow to three times what is in use, and keep it for months. */
export function keepHeapSmall(): void {
  setFlagsFromString('--optimize-for-size');
}
