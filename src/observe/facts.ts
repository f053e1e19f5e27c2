/** Facts: what happened, as the controller publishes it. Metrics, log and API are folds over them. */
import type { Diagnostic } from '../declared/types.ts';
import type { AppId, ServiceId, SlotName } from '../model/ids.ts';
import type { BasisPoints } from '../model/weights.ts';
import type { Because } from '../plan/because.ts';
import type { ShadowDifference } from '../plan/shadow/differences.ts';
import type { ServicePhase, ServiceVerdict } from '../plan/verdict.ts';
import type { GatewayFact } from './gateway-facts.ts';
import type { TransitionFact } from './transition-facts.ts';

export type Fact =
  | {
      readonly kind: 'starting';
      readonly version: string;
      readonly marathon: readonly string[];
      /** Null for a Baton that keeps nothing. */
      readonly stateDir: string | null;
    }
  | { readonly kind: 'listening'; readonly address: string }
  | { readonly kind: 'ready' }
  | { readonly kind: 'stopping'; readonly because: string }
  | { readonly kind: 'stopped' }
  /** Traffic moved, and the data plane confirmed it. */
  | {
      readonly kind: 'traffic-moved';
      readonly service: ServiceId;
      readonly from: Readonly<Record<AppId, BasisPoints>>;
      readonly to: Readonly<Record<AppId, BasisPoints>>;
      readonly because: Because;
    }
  | {
      readonly kind: 'phase-changed';
      readonly service: ServiceId;
      readonly phase: ServicePhase;
      readonly because: Because;
    }
  | { readonly kind: 'service-appeared'; readonly service: ServiceId }
  | { readonly kind: 'service-vanished'; readonly service: ServiceId }
  | { readonly kind: 'diagnostic-raised'; readonly diagnostic: Diagnostic }
  | { readonly kind: 'diagnostic-cleared'; readonly diagnostic: Diagnostic }
  /** One turn of the loop is done. */
  | {
      readonly kind: 'reconciled';
      readonly durationMs: number;
      readonly changes: number;
      readonly services: readonly ServiceVerdict[];
      readonly diagnostics: readonly Diagnostic[];
    }
  /** Requests by pool since Baton first saw it. */
  | { readonly kind: 'counted'; readonly requests: readonly PoolRequests[] }
  | { readonly kind: 'reconcile-failed'; readonly code: string; readonly problem: string }
  /** A read that takes suspiciously much away waits for a second one that agrees. */
  | { readonly kind: 'read-doubted'; readonly problem: string }
  | { readonly kind: 'read-believed' }
  /** Events said that tasks are dying or unhealthy, and their endpoints were taken out before any read. */
  | { readonly kind: 'endpoints-withdrawn'; readonly count: number }
  /** A turn has succeeded after so many that failed. */
  | { readonly kind: 'reconcile-recovered'; readonly failures: number }
  | { readonly kind: 'verify-failed'; readonly differences: readonly string[] }
  | { readonly kind: 'memory-not-saved'; readonly problem: string }
  | { readonly kind: 'memory-damaged'; readonly keptAt: string; readonly problem: string }
  | { readonly kind: 'journal-not-saved'; readonly problem: string }
  | { readonly kind: 'journal-damaged'; readonly lines: number; readonly problem: string }
  | GatewayFact
  /** Somebody has deployed a blueprint or taken one away, or was refused. */
  | {
      readonly kind: 'deployment-changed';
      readonly deployment: string;
      readonly change: 'deployed' | 'removed';
      readonly by: string;
      readonly outcome: 'done' | 'refused' | 'failed';
      readonly apps: readonly AppId[];
      readonly problems: readonly string[];
    }
  | { readonly kind: 'app-not-removed'; readonly app: AppId; readonly problem: string }
  | { readonly kind: 'marathon-connected'; readonly url: string }
  | { readonly kind: 'marathon-disconnected'; readonly url: string; readonly reason: string }
  | { readonly kind: 'marathon-event'; readonly eventType: string }
  | {
      readonly kind: 'marathon-synced';
      readonly reason: string;
      readonly apps: number;
      readonly tasks: number;
      readonly durationMs: number;
    }
  | {
      readonly kind: 'marathon-sync-failed';
      readonly reason: string;
      /** The app that could not be read; null: the whole list. */
      readonly app: AppId | null;
      readonly problem: string;
    }
  | {
      readonly kind: 'marathon-request';
      readonly route: string;
      readonly outcome: string;
      readonly durationMs: number;
    }
  | { readonly kind: 'marathon-rejected'; readonly app: AppId | null; readonly problem: string }
  | { readonly kind: 'dataplane-adopted'; readonly pid: number }
  | { readonly kind: 'dataplane-started'; readonly pid: number }
  | { readonly kind: 'dataplane-died'; readonly pid: number }
  | { readonly kind: 'dataplane-reloaded'; readonly because: string }
  | { readonly kind: 'dataplane-reload-failed'; readonly because: string; readonly detail: string }
  /** A difference from another HAProxy has stood in two comparisons, or is gone. */
  | {
      readonly kind: 'shadow-difference';
      readonly change: 'raised' | 'cleared';
      readonly difference: ShadowDifference;
    }
  | {
      readonly kind: 'shadow-compared';
      readonly of: string;
      /** Whether the differences are others than before, or the first that can be told. */
      readonly changed: boolean;
      readonly differences: readonly ShadowDifference[];
    }
  | { readonly kind: 'shadow-unreadable'; readonly problem: string }
  | TransitionFact;

export interface PoolRequests {
  readonly service: ServiceId;
  readonly app: AppId;
  readonly slot: SlotName;
  readonly requests: number;
}

export type Observer = (fact: Fact) => void;

/** Hands each fact to every observer, in order. An observer must not throw: it would stop the others. */
export function fanOut(observers: readonly Observer[]): Observer {
  return (fact) => {
    for (const observer of observers) observer(fact);
  };
}
