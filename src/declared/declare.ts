/** From the labels of all apps to the services that they declare together. */
import type { App } from '../model/app.ts';
import type { AppId } from '../model/ids.ts';
import { listenersOf } from './listeners.ts';
import { compare } from './order.ts';
import { servicesOf } from './pools.ts';
import { sourcesOf } from './sources.ts';
import type { Declaration, DeclareOptions, Diagnostic, RememberedApp } from './types.ts';

/**
 * Reads the labels of all apps. Never throws, whatever the labels hold; a bad label is a diagnostic, and its app keeps
 * what `remembered` says were its last good labels, or declares nothing. The order of the apps does not matter.
 * @param remembered what the last declaration said to remember
 */
export function declare(
  apps: ReadonlyMap<AppId, App>,
  remembered: readonly RememberedApp[],
  options: DeclareOptions,
): Declaration {
  const inForce = sourcesOf(apps, remembered);
  const listeners = listenersOf(inForce.sources, options);
  const { services, diagnostics } = servicesOf(inForce.sources, listeners.byApp);
  return {
    services,
    diagnostics: [...inForce.diagnostics, ...listeners.diagnostics, ...diagnostics].sort(byPlace),
    remembered: inForce.remembered,
  };
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  return (
    compare(a.app ?? '', b.app ?? '') ||
    compare(a.label ?? '', b.label ?? '') ||
    compare(a.code, b.code) ||
    compare(a.problem, b.problem)
  );
}
