/** History: what has happened to a service, for people to read later. */
import type { Millis, ServiceId } from './ids.ts';

export interface HistoryEntry {
  readonly at: Millis;
  readonly service: ServiceId;
  /** Stable, such as `traffic-moved`. */
  readonly kind: string;
  /** One sentence for a person. */
  readonly text: string;
  /** What the sentence rests on; JSON. */
  readonly facts: Readonly<Record<string, unknown>>;
}
