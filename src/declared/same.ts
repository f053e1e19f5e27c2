/** Sameness of what is read and of what is declared, so that work follows what has changed. */
import type { App } from '../model/app.ts';
import type { Declaration, DeclaredService } from './types.ts';

/** Whether two readings of an app declare the same; its tasks and instances have no part in that. */
export function declaresTheSame(a: App, b: App): boolean {
  return a === b || declaring(a) === declaring(b);
}

function declaring({ id, labels, ports, network, healthChecks, lastConfigChangeAt }: App): string {
  return JSON.stringify([id, labels, ports, network, healthChecks.length, lastConfigChangeAt]);
}

/** The declaration, with the services of the one before where they are equal: whoever compares needs to look no deeper. */
export function withSameServices(before: Declaration, after: Declaration): Declaration {
  const known = new Map(before.services.map((service) => [service.id, service]));
  const services = after.services.map((service): DeclaredService => {
    const old = known.get(service.id);
    return old !== undefined && JSON.stringify(old) === JSON.stringify(service) ? old : service;
  });
  return { ...after, services };
}
