/** Which ports of which apps are served by labels of marathon-lb or as VIPs, and what each asks for. */
import type { App } from '../../model/app.ts';
import type { AppId } from '../../model/ids.ts';
import { diagnose } from '../diagnostics.ts';
import { assignServicePorts } from '../marathon-lb/assign-ports.ts';
import { backendName } from '../marathon-lb/naming.ts';
import { acceptTemplates } from '../marathon-lb/templates.ts';
import type { MarathonLbPort, MarathonLbReading } from '../marathon-lb/types.ts';
import { compare } from '../order.ts';
import {
  type DeclareOptions,
  type Diagnostic,
  plainRules,
  type PoolTemplate,
  type RememberedApp,
  type Rules,
} from '../types.ts';
import { emptyReport } from '../report.ts';
import { vipKey } from '../vip-names.ts';
import { claimsOf } from './claims.ts';
import type { Node } from './node.ts';
import { lastGoodPorts, type ServingReading, servingReadingOf, withLastGood } from './readings.ts';

export interface Nodes {
  /** Sorted by app, then port index. */
  readonly nodes: readonly Node[];
  readonly diagnostics: readonly Diagnostic[];
  /** Of each app that has a node: since when, and the labels to remember. */
  readonly served: ReadonlyMap<AppId, ServedApp>;
}

export interface ServedApp {
  readonly app: App;
  readonly since: string;
  readonly reading: ServingReading;
  /** Null when they never were good. */
  readonly labels: Readonly<Record<string, string>> | null;
}

/** @param isAvi whether the app has labels of the Avi dialect, which then say how it is served */
export function nodesOf(
  apps: ReadonlyMap<AppId, App>,
  memory: ReadonlyMap<AppId, RememberedApp>,
  isAvi: (app: AppId) => boolean,
  options: DeclareOptions,
): Nodes {
  const nodes: Node[] = [];
  const diagnostics: Diagnostic[] = [];
  const served = new Map<AppId, ServedApp>();
  if (options.groups.size === 0 && !options.vipListeners) return { nodes, diagnostics, served };
  const assigned = assignServicePorts(apps.values());
  for (const app of [...apps.values()].sort((a, b) => compare(a.id, b.id))) {
    const reading = servingReadingOf(app);
    const before = memory.get(app.id);
    const since = before?.listenerSince ?? app.lastConfigChangeAt;
    const own: Node[] = [];
    const concerned = concerns(reading.marathonLb, isAvi(app.id), options);
    if (concerned) {
      const kept = lastGoodPorts(app, reading.marathonLb, before);
      diagnostics.push(...withLastGood(told(reading, options), kept));
      for (const port of [...reading.marathonLb.ports, ...kept].sort((a, b) => a.index - b.index)) {
        if (!isServed(port, options)) continue;
        const servicePort = port.port ?? assigned.get(app.id)?.get(port.index) ?? null;
        own.push(marathonLbNode(app, since, port, servicePort, reading, options, diagnostics));
      }
    }
    // Whose app it is shows in its groups; where these are bad, nobody else may say so.
    if (!concerned && options.groups.size > 0)
      diagnostics.push(...reading.marathonLbDiagnostics.filter(isAboutGroups));
    if (options.vipListeners) {
      diagnostics.push(...reading.vipDiagnostics);
      own.push(...vipNodes(app, since, reading, options, diagnostics));
    }
    if (own.length > 0 || concerned) {
      const isGood = reading.marathonLb.closed.length === 0;
      const labels = isGood ? reading.labels : (before?.marathonLb?.labels ?? null);
      served.set(app.id, { app, since, reading, labels });
      diagnostics.push(...reading.plainDiagnostics);
    }
    nodes.push(...own);
  }
  return { nodes, diagnostics, served };
}

/** Whether the app is any business of this load balancer. */
function concerns(reading: MarathonLbReading, isAvi: boolean, { groups }: DeclareOptions): boolean {
  if (groups.has('*')) return reading.labelled || !isAvi;
  const isIn = (names: readonly string[]): boolean => names.some((name) => groups.has(name));
  return isIn(reading.groups) || reading.ports.some((port) => isIn(port.groups));
}

/** Whether a port of an app that concerns this load balancer is served. */
export function isServed(port: MarathonLbPort, { groups, strict }: DeclareOptions): boolean {
  const isIn = groups.has('*') || port.groups.some((name) => groups.has(name));
  return isIn && (port.enabled ?? !strict);
}

/** Whoever serves all groups misses none, and whoever takes templates refuses none unread. */
function told(
  { marathonLbDiagnostics }: ServingReading,
  { groups, allowTemplates }: DeclareOptions,
): readonly Diagnostic[] {
  return marathonLbDiagnostics.filter(
    ({ code }) =>
      !(code === 'groups-missing' && groups.has('*')) && !(code === 'template-refused' && allowTemplates),
  );
}

function isAboutGroups({ code, label }: Diagnostic): boolean {
  return code === 'entries-dropped' && /^HAPROXY_(?:\d+_)?GROUP$/.test(label ?? '');
}

function marathonLbNode(
  app: App,
  since: string,
  port: MarathonLbPort,
  servicePort: number | null,
  reading: ServingReading,
  options: DeclareOptions,
  diagnostics: Diagnostic[],
): Node {
  const host = `HAPROXY_${port.index}_VHOST`;
  const label = port.vhosts.length > 0 ? host : null;
  return {
    id: `${app.id} ${port.index}`,
    kind: 'marathon-lb',
    app,
    index: port.index,
    checkIndex: port.healthCheckPortIndex,
    since,
    mode: port.mode,
    rules: rulesOf(port),
    balance: port.balance,
    templates: options.allowTemplates ? templatesOf(app, port, servicePort, reading, diagnostics) : [],
    sendProxy: port.sendProxy,
    claims: claimsOf(app, port, servicePort, options, diagnostics),
    group: reading.marathonLb.deployment.group,
    deployment: reading.marathonLb.deployment,
    servicePort,
    vips: reading.vips.filter((vip) => vip.portIndex === port.index).map(vipKey),
    label,
    value: label === null ? null : (app.labels[host] ?? null),
  };
}

function templatesOf(
  app: App,
  port: MarathonLbPort,
  servicePort: number | null,
  { marathonLb: { deployment, templates } }: ServingReading,
  diagnostics: Diagnostic[],
): readonly PoolTemplate[] {
  if (templates.length === 0) return [];
  const report = emptyReport(app.id);
  const backend = backendName(deployment.group ?? app.id, servicePort ?? 0);
  const accepted = acceptTemplates(templates, port, backend, report);
  diagnostics.push(...report.diagnostics);
  return accepted;
}

function rulesOf(port: MarathonLbPort): Rules {
  if (port.mode === 'tcp') return { ...plainRules, allowedNetworks: port.allowedNetworks };
  return {
    redirectToHttps: port.redirectToHttps && port.vhosts.length > 0,
    useHsts: port.useHsts,
    auth: port.auth,
    allowedNetworks: port.allowedNetworks,
    sticky: port.sticky,
    proxyPassPath: port.proxyPassPath,
    reverseProxyPath: port.reverseProxyPath,
    redirectPath: port.vhosts.length > 0 ? port.redirectPath : null,
  };
}

/** A VIP is a service in mode tcp for as many apps as share it. */
function vipNodes(
  app: App,
  since: string,
  { vips }: ServingReading,
  { localAddresses }: DeclareOptions,
  diagnostics: Diagnostic[],
): readonly Node[] {
  return vips.map((vip) => {
    const key = vipKey(vip);
    const isHere = vip.kind === 'ip' && localAddresses.has(vip.host);
    if (vip.kind === 'ip' && !isHere) {
      const about = { app: app.id, label: null, value: key };
      diagnostics.push(diagnose('address-not-here', about, { address: vip.host }));
    }
    return {
      id: `${app.id} ${vip.portIndex} ${key}`,
      kind: 'vip',
      app,
      index: vip.portIndex,
      checkIndex: vip.portIndex,
      since,
      mode: 'tcp',
      rules: plainRules,
      balance: 'roundrobin',
      templates: [],
      sendProxy: null,
      claims: [
        {
          key: `vip ${key}`,
          host: null,
          path: null,
          address: isHere ? vip.host : null,
          declaredPort: vip.port,
          rank: 0,
          certificate: null,
          bindOptions: [],
        },
      ],
      group: null,
      deployment: null,
      servicePort: null,
      vips: [key],
      label: null,
      value: null,
    };
  });
}
