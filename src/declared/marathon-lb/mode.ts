/** Whether a port passes on requests or connections, by marathon-lb's rules. */
import type { App, HealthCheck } from '../../model/app.ts';

export type Mode = 'http' | 'tcp';

export interface ModeClues {
  /** What the label says. */
  readonly label: Mode | null;
  /** Whether there is a VHOST, however bad. */
  readonly hasHost: boolean;
  /** The health check of the port itself. */
  readonly check: HealthCheck | null;
  /** The one of the port that BACKEND_HEALTHCHECK_PORT_INDEX names. */
  readonly borrowed: HealthCheck | null;
}

/**
 * The label wins over VHOST and health check, although marathon-lb's manual has it the other way. A port without a check
 * of its own that borrows one is http whenever that is HTTP or HTTPS of any kind, whatever the label says; a check of its
 * own makes it http only when Marathon itself probes by plain HTTP (protocol `HTTP`, not `MESOS_HTTP`).
 */
export function modeOf({ label, hasHost, check, borrowed }: ModeClues): Mode {
  if (check === null && (borrowed?.protocol === 'http' || borrowed?.protocol === 'https')) return 'http';
  if (label !== null) return label;
  return hasHost || (check?.protocol === 'http' && check.byMesos !== true) ? 'http' : 'tcp';
}

/** The first health check that names a port by number, or that is of this index; null when the port has none. */
export function checkOfPort(app: App, index: number): HealthCheck | null {
  const isOwn = (check: HealthCheck): boolean =>
    (check.port ?? 0) !== 0 || (check.protocol !== 'command' && (check.portIndex ?? 0) === index);
  return app.healthChecks.find(isOwn) ?? null;
}
