/** From the labels of all apps to the services that they declare together. */
import type { App } from '../model/app.ts';
import type { AppId } from '../model/ids.ts';
import { allot } from './allot.ts';
import { listenerRequests } from './listeners.ts';
import { compare } from './order.ts';
import { servicesOf } from './pools.ts';
import { withServed } from './remembered.ts';
import { serve } from './serving/serve.ts';
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
  const memory = new Map(remembered.map((entry) => [entry.app, entry]));
  const inForce = sourcesOf(apps, memory);
  const wanted = listenerRequests(inForce.sources, options);
  const serving = serve(apps, inForce.sources, new Set(wanted.byApp.keys()), memory, options);
  const allotment = allot([...wanted.byApp.values(), ...serving.requests]);
  const listeners = new Map(
    [...wanted.byApp].map(([id, request]) => [id, allotment.kept.get(request) ?? []]),
  );
  const byListener = servicesOf(inForce.sources, listeners, serving.isMeant);
  return {
    services: [...byListener.services, ...serving.services(allotment)].sort((a, b) => compare(a.id, b.id)),
    diagnostics: [
      ...inForce.diagnostics,
      ...wanted.diagnostics,
      ...serving.diagnostics,
      ...allotment.diagnostics,
      ...byListener.diagnostics,
    ].sort(byPlace),
    remembered: withServed(inForce.remembered, serving.served, memory),
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
