/** Wishes: what the planner wants of Marathon. Each is said again until the cluster shows it fulfilled. */
import type { AppId, Millis, TaskId } from '../model/ids.ts';
import type { Because } from './because.ts';

/** At most one for each app of a service at a time. */
export type Wish =
  | { readonly kind: 'scale'; readonly app: AppId; readonly instances: number; readonly because: Because }
  /** Kills exactly these tasks, and scales the app down by as many. */
  | {
      readonly kind: 'kill';
      readonly app: AppId;
      readonly tasks: readonly TaskId[];
      readonly because: Because;
    }
  /** Deletes an app that is scaled to 0. */
  | { readonly kind: 'delete'; readonly app: AppId; readonly because: Because };

/** What has become of the last wish about an app, as far as whoever carries them out knows. */
export interface WishState {
  readonly wish: Wish;
  readonly since: Millis;
  /** `refused`: Marathon will not do it, or it cannot be proven safe; asking again is of no use. */
  readonly outcome: 'under-way' | 'done' | 'failed' | 'refused';
  /** Why it failed or was refused, for a person; null otherwise. */
  readonly problem: string | null;
}
