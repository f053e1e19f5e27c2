/** What the controller knows, for those who show it. */
import type { Diagnostic } from '../declared/types.ts';
import type { MarathonStatus } from '../marathon/watch.ts';
import type { AppId, Millis, ServiceId } from '../model/ids.ts';
import type { ServiceVerdict } from '../plan/verdict.ts';

/** Requests by pool since the service's weights last changed: what the declared shares came to in practice. */
export interface Realised {
  readonly since: Millis;
  readonly requests: ReadonlyMap<AppId, number>;
}

export interface ControllerState {
  readonly marathon: MarathonStatus;
  readonly services: readonly ServiceVerdict[];
  readonly realised: ReadonlyMap<ServiceId, Realised>;
  readonly diagnostics: readonly Diagnostic[];
  /** Null while Baton is in step; else one sentence why not. */
  readonly notReady: string | null;
}
