/** The state that the parts of the driver share: what runs, and the means to change it. */
import type { Diagnostic } from '../../declared/types.ts';
import type { ServiceId } from '../../model/ids.ts';
import type { DriverContext } from '../driver.ts';
import type { Counters } from './counters.ts';
import type { Disk } from './disk.ts';
import type { FastLane } from './fast-lane.ts';
import type { Frontend } from './frontends.ts';
import type { Layout } from './layout.ts';
import { noMaps } from './maps.ts';
import type { HaproxyOptions } from './options.ts';
import type { Refusal } from './ports.ts';
import { reconcile, type Readback } from './readback.ts';
import type { Service, Services } from './state.ts';
import type { TemplateChecks } from './template-checks.ts';
import type { TlsFiles } from './tls-files.ts';
import type { Wanted } from './wanted.ts';

export const unknownWorker = 0;

/** A mirror of the running HAProxy, so that an unchanged target needs no question to it. */
export interface Running {
  services: Services;
  /** Changed in place: they hold a row for every server. */
  maps: ReturnType<typeof noMaps>;
  frontends: ReadonlySet<string>;
  /** The worker that the mirror mirrors; {@link unknownWorker} when something went wrong amid a change. */
  worker: number;
  /** Whether the mirror was read back since the files were last written. */
  dirty: boolean;
  /** What a service was last made to be: as long as both are the same objects, there is nothing to do for it. */
  readonly settled: WeakMap<Service, Wanted>;
}

export interface Refused {
  readonly frontend: Frontend;
  readonly refusal: Refusal;
  /** When to try again. */
  readonly until: number;
}

export interface Plane {
  readonly options: HaproxyOptions;
  readonly context: DriverContext;
  readonly layout: Layout;
  readonly disk: Disk;
  readonly binary: string;
  readonly counters: Counters;
  readonly running: Running;
  /** Frontends left out because they cannot be bound, by key. */
  readonly refused: Map<string, Refused>;
  /** Services left out because HAProxy does not take their configuration: what was refused, and why. */
  readonly rejected: Map<string, { readonly id: ServiceId; readonly what: string; readonly why: string }>;
  /** What of the target could not be read, by service. */
  readonly unread: Map<ServiceId, readonly Diagnostic[]>;
  /** What of the target had to give way to somebody else's listener, by service. */
  readonly gaveWay: Map<ServiceId, readonly Diagnostic[]>;
  /** What is known of the certificates: it counts in what is rendered. */
  readonly tls: TlsFiles;
  readonly templates: TemplateChecks;
  readonly lane: FastLane;
}

export function nothingRunning(): Running {
  return {
    services: new Map(),
    maps: noMaps(),
    frontends: new Set(),
    worker: unknownWorker,
    dirty: true,
    settled: new WeakMap(),
  };
}

/** Takes over what was read back. */
export function mirror(running: Running, services: Iterable<Service>, found: Readback): void {
  running.services = reconcile(services, found);
  running.maps = found.maps;
  running.frontends = found.frontends;
  running.worker = found.pid;
  running.dirty = true;
}

export function poolsOf(services: Services): number {
  return Math.max(4, ...[...services.values()].map((service) => service.slots.length));
}
