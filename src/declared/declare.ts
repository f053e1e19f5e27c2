/** From the labels of all apps, and from gateways, to the services that they declare together. */
import type { App } from '../model/app.ts';
import type { AppId } from '../model/ids.ts';
import { allot } from './allot.ts';
import { listenersOf } from './listeners.ts';
import { compare } from './order.ts';
import { servicesOf } from './pools.ts';
import { withServed } from './remembered.ts';
import { namedNodes, serve } from './serving/serve.ts';
import { sourcesOf } from './sources.ts';
import type { Declaration, DeclareOptions, Diagnostic, RememberedApp } from './types.ts';
import { gatewayRequests } from './vamp/gateway-listeners.ts';
import type { Gateway } from './vamp/gateway.ts';
import { gatewayServices } from './vamp/gateways.ts';
import { withGroups } from './vamp/groups.ts';

/**
 * Reads the labels of all apps. Never throws, whatever the labels hold; a bad label is a diagnostic, and its app keeps
 * what `remembered` says were its last good labels, or declares nothing. The order of the apps does not matter.
 * @param remembered what the last declaration said to remember
 * @param given gateways of Vamp, in the order in which they came; each of another name
 */
export function declare(
  apps: ReadonlyMap<AppId, App>,
  remembered: readonly RememberedApp[],
  options: DeclareOptions,
  given: readonly Gateway[] = [],
): Declaration {
  const gateways = withGroups(given, apps);
  const memory = new Map(remembered.map((entry) => [entry.app, entry]));
  const inForce = sourcesOf(apps, memory);
  const named = namedNodes(apps, inForce.sources, memory, options);
  const isElsewhere = (service: AppId) => named.names.meaningsOf(service).length > 0;
  const wanted = listenersOf(inForce.sources, isElsewhere, options);
  const serving = serve(apps, inForce.sources, named, new Set(wanted.byService.keys()), memory, options);
  const own = [...wanted.byService.values()].map(({ request }) => request);
  const ofGateways = gatewayRequests(gateways, options);
  const allotment = allot([...own, ...serving.requests, ...ofGateways]);
  const placed = new Map(
    [...wanted.byService].map(([id, { decider, listenerApp, request }]) => [
      id,
      { decider, listenerApp, listeners: allotment.kept.get(request) ?? [] },
    ]),
  );
  const byListener = servicesOf(apps, inForce.sources, placed, serving.isMeant, named.names.known);
  const byLabels = [...byListener.services, ...serving.services(allotment)];
  const byGateways = gatewayServices(apps, gateways, ofGateways, allotment, byLabels, options);
  return {
    services: [...byLabels, ...byGateways.services].sort((a, b) => compare(a.id, b.id)),
    diagnostics: [
      ...inForce.diagnostics,
      ...wanted.diagnostics,
      ...serving.diagnostics,
      ...allotment.diagnostics,
      ...byListener.diagnostics,
      ...byGateways.diagnostics,
    ].sort(byPlace),
    remembered: withServed(inForce.remembered, serving.served, memory),
    externals: byGateways.externals,
    gateways,
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
