/** The port to the history of services, which is bounded and outlives the process. */
import type { HistoryEntry } from '../model/history.ts';
import type { ServiceId } from '../model/ids.ts';

export interface Journal {
  /** Takes it in at once, and saves it a moment later. What is too much pushes out the oldest. */
  append(entry: HistoryEntry): void;
  /** Of one service, the newest last, also when the service is gone. */
  read(service: ServiceId): readonly HistoryEntry[];
  /** The same from the newest on, for those who look for one. */
  backwards(service: ServiceId): Iterable<HistoryEntry>;
  /** Saves what is not saved yet. */
  close(): Promise<void>;
}
