/** Commands by people. */
import type { AppId, ServiceId } from '../model/ids.ts';

export type Command =
  /** On to the next step, or with `full` to the end. */
  | { readonly verb: 'promote'; readonly full: boolean }
  | { readonly verb: 'pause' }
  | { readonly verb: 'resume' }
  | { readonly verb: 'abort' }
  | { readonly verb: 'retry' }
  /** `percent`: 0 to 100, two decimals. */
  | { readonly verb: 'weight'; readonly app: AppId; readonly percent: number }
  | { readonly verb: 'rollback' };

export interface Order {
  readonly service: ServiceId;
  readonly command: Command;
  /** Who gave it. */
  readonly by: string;
  readonly why: string | null;
}

export type Obeyed =
  /** What was done, for a person. */
  | { readonly outcome: 'done'; readonly text: string }
  | { readonly outcome: 'refused'; readonly problem: string }
  /** There is no such service. */
  | { readonly outcome: 'unknown' };
