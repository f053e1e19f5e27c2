/** Reads a target: everything through its grammar, names resolved; what does not pass is a diagnostic and left out. */
import type { Diagnostic, Listener, Mode, Rules } from '../../declared/types.ts';
import { type AppId, backendsName, type ServerName, type ServiceId, type SlotName } from '../../model/ids.ts';
import type { ConditionTarget, MatchTarget, PoolTarget, ServiceTarget } from '../../plan/target.ts';
import type { AclChecks } from './acl-checks.ts';
import { diagnostic, templateDiagnostic } from '../diagnostics.ts';
import { isCondition } from './condition.ts';
import { checkPath, isName, isPort, isSlot } from './grammar.ts';
import { isMatchRule } from './match.ts';
import { readListener, type Tls } from './read-listener.ts';
import { readRules } from './read-rules.ts';
import type { Judgement, TemplateChecks } from './template-checks.ts';
import type { Server, Shape, Weighted } from './state.ts';

export interface WantedPool extends Shape, Weighted {
  readonly app: AppId;
  readonly close: boolean;
  readonly servers: ReadonlyMap<ServerName, Server>;
  /** Of those on hold: whose connections are to be closed now. */
  readonly closing: ReadonlySet<ServerName>;
}

export interface Wanted {
  readonly id: ServiceId;
  readonly name: string;
  /** What it speaks: its first listener's. */
  readonly mode: Mode;
  readonly listeners: readonly Listener[];
  readonly rules: Rules;
  readonly matches: readonly MatchTarget[];
  readonly conditions: readonly ConditionTarget[];
  readonly affinity: boolean;
  readonly pools: readonly WantedPool[];
  readonly failover: readonly SlotName[];
  readonly noFailover: readonly SlotName[];
}

export interface Reading {
  /** By name, sorted. */
  readonly services: ReadonlyMap<string, Wanted>;
  /** By service; only of those that something could not be read of. */
  readonly diagnostics: ReadonlyMap<ServiceId, readonly Diagnostic[]>;
}

/** All host names and addresses of endpoints in a target. */
export function hostsOf(target: readonly ServiceTarget[]): ReadonlySet<string> {
  const hosts = new Set<string>();
  for (const service of target) {
    for (const pool of service.pools) for (const endpoint of pool.endpoints) hosts.add(endpoint.host);
  }
  return hosts;
}

/** @param known what was read before, at the same addresses: of targets that rest on nothing else it is the same again */
export function readTarget(
  target: readonly ServiceTarget[],
  addresses: ReadonlyMap<string, string>,
  tls: Tls,
  templates: Pick<TemplateChecks, 'judge'>,
  acls: Pick<AclChecks, 'takes'>,
  known: WeakMap<ServiceTarget, Wanted> = new WeakMap(),
): Reading {
  const services = new Map<string, Wanted>();
  const all = new Map<ServiceId, readonly Diagnostic[]>();
  for (const service of target) {
    const name = backendsName(service.service);
    const app = service.service as string as AppId;
    if (!isName(name) || services.has(name)) {
      all.set(service.service, [diagnostic('service-name-invalid', app, service.service)]);
      continue;
    }
    const before = known.get(service);
    if (before !== undefined) {
      services.set(name, before);
      continue;
    }
    const diagnostics: Diagnostic[] = [];
    const slots = new Set(service.pools.map((pool) => pool.slot).filter(isSlot));
    const listeners = service.listeners.flatMap((each) => readListener(each, app, tls, diagnostics));
    const mode = listeners[0]?.mode ?? 'http';
    if (service.rules.redirectToHttps && diagnostics.some(({ code }) => code === 'certificate-missing')) {
      diagnostics.push(diagnostic('https-unserved', app, hostsIn(service)));
    }
    const wanted: Wanted = {
      id: service.service,
      name,
      mode,
      listeners,
      rules: readRules(service.rules, app, diagnostics),
      matches: mode === 'tcp' ? [] : readMatches(service, slots, diagnostics),
      conditions: mode === 'tcp' ? [] : readConditions(service, slots, acls, diagnostics),
      affinity: mode === 'http' && service.affinity,
      pools: service.pools
        .filter((pool) => isSlot(pool.slot))
        .map((pool) => readPool(pool, mode, addresses, templates.judge(pool.templates ?? []), diagnostics)),
      failover: service.failover.filter((slot) => slots.has(slot)),
      noFailover: service.noFailover.filter((slot) => slots.has(slot)),
    };
    services.set(name, wanted);
    if (diagnostics.length > 0) all.set(service.service, diagnostics);
    else if (isPlain(service)) known.set(service, wanted);
  }
  return { services: new Map([...services].sort(([a], [b]) => (a < b ? -1 : 1))), diagnostics: all };
}

/** Whether it names no file, and no words that HAProxy has to be asked about. */
function isPlain({ listeners, conditions = [], pools }: ServiceTarget): boolean {
  return (
    conditions.length === 0 &&
    listeners.every(({ tls, bindOptions }) => tls === null && bindOptions.length === 0) &&
    pools.every(({ templates = [] }) => templates.length === 0)
  );
}

function hostsIn({ listeners }: ServiceTarget): string {
  return [...new Set(listeners.flatMap(({ hosts }) => hosts))].join(',');
}

function readMatches(
  { matches, pools }: ServiceTarget,
  slots: ReadonlySet<SlotName>,
  diagnostics: Diagnostic[],
): readonly MatchTarget[] {
  return matches.filter(({ slot, rule }) => {
    if (slot !== null && !slots.has(slot)) return false;
    if (isMatchRule(rule)) return true;
    const app = pools.find((pool) => pool.slot === slot)?.app ?? null;
    diagnostics.push(diagnostic('rule-invalid', app, `${rule.name} ${rule.value}`));
    return false;
  });
}

function readConditions(
  { service, conditions = [], pools }: ServiceTarget,
  slots: ReadonlySet<SlotName>,
  { takes }: Pick<AclChecks, 'takes'>,
  diagnostics: Diagnostic[],
): readonly ConditionTarget[] {
  return conditions.filter(({ slot, condition, strength }) => {
    if (slot !== null && !slots.has(slot)) return false;
    if (isCondition(condition, takes) && strength >= 0 && strength <= 100) return true;
    const app = pools.find((pool) => pool.slot === slot)?.app ?? (service as string as AppId);
    diagnostics.push(diagnostic('condition-invalid', app, JSON.stringify(condition)));
    return false;
  });
}

function readPool(
  pool: PoolTarget,
  mode: Mode,
  addresses: ReadonlyMap<string, string>,
  { lines: templates, refused }: Judgement,
  diagnostics: Diagnostic[],
): WantedPool {
  const servers = new Map<ServerName, Server>();
  const unresolved = new Set<string>();
  let badPath: string | null = null;
  for (const endpoint of pool.endpoints) {
    const address = addresses.get(endpoint.host);
    if (address === undefined) {
      unresolved.add(endpoint.host);
      continue;
    }
    if (!isName(endpoint.server) || !isPort(endpoint.port)) continue;
    const path = endpoint.check.kind === 'http' ? checkPath(endpoint.check.path) : '/';
    if (path === null) badPath = endpoint.check.path;
    const port = endpoint.check.port;
    servers.set(endpoint.server, {
      name: endpoint.server,
      address,
      port: endpoint.port,
      check: { ...endpoint.check, path: path ?? '/', port: port !== null && isPort(port) ? port : null },
      ...(endpoint.sendProxy && { sendProxy: endpoint.sendProxy }),
      rotation: endpoint.rotation === 'close' ? 'hold' : endpoint.rotation,
    });
  }
  for (const host of unresolved) {
    diagnostics.push(diagnostic('agent-unresolvable', pool.app, host));
  }
  if (badPath !== null) {
    diagnostics.push(diagnostic('check-path-invalid', pool.app, badPath));
  }
  for (const { template, why } of refused) {
    diagnostics.push(templateDiagnostic(pool.app, template, why));
  }
  const { app, slot, balance, checkKind, weight, draining, close } = pool;
  const closing = new Set(
    pool.endpoints.filter(({ rotation }) => rotation === 'close').map(({ server }) => server),
  );
  return { app, slot, mode, balance, checkKind, templates, weight, draining, close, servers, closing };
}
