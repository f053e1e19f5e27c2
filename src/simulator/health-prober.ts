/** Probes running instances in the rhythm of their health checks, divided by the health speed. */
import type { HealthCheckDefinition } from './definition.ts';
import { isMesosCheck, portsOf } from './definition.ts';
import type { ProbeResult } from './instance-health.ts';
import { probe, type ProbeTarget } from './probe.ts';
import type { Timers } from './timers.ts';
import type { HealthWatch, Instance } from './world.ts';

/** Marathon's first probe comes after this at the latest, in s. */
const firstProbeSec = 5;
/** No check runs more often than this, in ms, whatever the speed. */
const leastIntervalMs = 10;

export interface ProberOptions {
  readonly speed: number;
  readonly timers: Timers;
  readonly signal: AbortSignal;
  /** Answers in place of a real probe: tasks that are only addresses, and commands. */
  readonly answer: (instance: Instance) => ProbeResult;
  /** Whether the tasks are real servers. */
  readonly real: boolean;
  readonly report: (instance: Instance, index: number, result: ProbeResult, graceMs: number) => void;
}

export function createProber(options: ProberOptions): HealthWatch {
  const loops = new Map<string, Set<() => void>>();

  function loop(
    instance: Instance,
    index: number,
    check: HealthCheckDefinition,
    stops: Set<() => void>,
  ): void {
    const interval = scaled(check.intervalSeconds);
    const again = (delay: number): void => {
      const stop = options.timers.after(delay, () => {
        stops.delete(stop);
        void runOnce(instance, check).then((result) => {
          if (loops.get(instance.id) !== stops) return;
          options.report(instance, index, result, (check.gracePeriodSeconds * 1000) / options.speed);
          if (loops.get(instance.id) === stops) again(interval);
        });
      });
      stops.add(stop);
    };
    again(isMesosCheck(check) ? scaled(check.delaySeconds) : Math.min(interval, scaled(firstProbeSec)));
  }

  async function runOnce(instance: Instance, check: HealthCheckDefinition): Promise<ProbeResult> {
    const target = options.real ? targetOf(instance, check) : null;
    if (target === null) return options.answer(instance);
    return await probe(target, Math.max(scaled(check.timeoutSeconds), leastTimeoutMs), options.signal);
  }

  function scaled(seconds: number): number {
    return Math.max(leastIntervalMs, (seconds * 1000) / options.speed);
  }

  return {
    watch(instance) {
      const checks = instance.def.healthChecks ?? [];
      if (checks.length === 0) return;
      const stops = new Set<() => void>();
      loops.set(instance.id, stops);
      checks.forEach((check, index) => loop(instance, index, check, stops));
    },
    unwatch(instance) {
      for (const stop of loops.get(instance.id) ?? []) stop();
      loops.delete(instance.id);
    },
  };
}

/** A loaded machine must not make a healthy loopback server look dead, however fast the clock runs; in ms. */
const leastTimeoutMs = 1_000;

/** Where to probe; null for commands, which nobody can run here. */
function targetOf(instance: Instance, check: HealthCheckDefinition): ProbeTarget | null {
  const task = instance.task;
  if (check.protocol === 'COMMAND' || task === null) return null;
  const index = check.portIndex ?? 0;
  const mapping = portsOf(instance.def)[index];
  const inContainer = mapping !== undefined && 'containerPort' in mapping && mapping.hostPort === undefined;
  const port = check.port ?? (inContainer ? mapping.containerPort : task.ports[index]);
  // In bridge mode a check's own port is the container's: here that is the first mapped port.
  const reachable =
    check.port !== undefined && !inContainer
      ? (task.ports[mappedIndex(instance, check.port)] ?? check.port)
      : port;
  if (reachable === undefined) return null;
  return { kind: kindOf(check.protocol), host: task.address, port: reachable, path: check.path ?? '/' };
}

function mappedIndex(instance: Instance, port: number): number {
  return portsOf(instance.def).findIndex((each) => 'containerPort' in each && each.containerPort === port);
}

/** The tasks speak no TLS, so an HTTPS check only connects. */
function kindOf(protocol: string): 'http' | 'tcp' {
  return protocol === 'HTTP' || protocol === 'MESOS_HTTP' ? 'http' : 'tcp';
}
