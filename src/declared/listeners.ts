/** Where the services of the Avi dialect want to be reached. */
import type { AppId } from '../model/ids.ts';
import type { Request } from './allot.ts';
import { diagnose } from './diagnostics.ts';
import type { EntryListener, ListenerIntent } from './intent.ts';
import { isAnyAddress } from './names.ts';
import { compare } from './order.ts';
import { show } from './show.ts';
import type { Source } from './sources.ts';
import { type DeclareOptions, type Diagnostic, type Listener, plainListener } from './types.ts';

export interface ServiceListener {
  /** Whose declaration holds: the oldest. */
  readonly decider: Source;
  /** The app that must not go as long as the service is to stay. */
  readonly listenerApp: Source;
  readonly request: Request;
}

export interface ServiceListeners {
  /** By the app after which the service is named. */
  readonly byService: ReadonlyMap<AppId, ServiceListener>;
  readonly diagnostics: readonly Diagnostic[];
}

/** One app's declaration of a listener. */
interface Claim extends Request {
  readonly service: AppId;
  readonly source: Source;
}

/**
 * The listeners of all services of this dialect, by the labels of Avi and by `ab_config`.
 * @param isElsewhere whether labels of the other dialects already make it a service, which then needs no listener
 */
export function listenersOf(
  sources: readonly Source[],
  isElsewhere: (service: AppId) => boolean,
  options: DeclareOptions,
): ServiceListeners {
  const byService = new Map<AppId, ServiceListener>();
  const diagnostics: Diagnostic[] = [];
  const claims = sources.flatMap((source) => claimsOf(source, options, diagnostics));
  for (const [service, all] of Map.groupBy(claims, (claim) => claim.service)) {
    const [decider, ...others] = all.sort(olderFirst);
    if (decider === undefined) continue;
    if (all.every(({ label }) => label === 'ab_config') && isElsewhere(service)) {
      for (const claim of all.filter(isNews))
        diagnostics.push(diagnose('listener-elsewhere', claim, { service: show(service) }));
      continue;
    }
    const differing = others.filter((claim) => !isSame(claim.listeners, decider.listeners));
    for (const claim of differing.filter(isNews)) {
      const label = claim.label === 'ab_config' ? '"listener" of ab_config' : (claim.label ?? '');
      diagnostics.push(diagnose('labels-contradict', claim, { label, decider: decider.app }));
    }
    const agreeing = all.filter((claim) => claim.source.app !== null && !differing.includes(claim));
    const named = all.find(({ app }) => app === service);
    const listenerApp = (named ?? agreeing.at(-1) ?? decider).source;
    byService.set(service, { decider: decider.source, listenerApp, request: decider });
  }
  return { byService, diagnostics };
}

function claimsOf(source: Source, options: DeclareOptions, diagnostics: Diagnostic[]): readonly Claim[] {
  const { listener, members, abConfig } = source.intent;
  const own: readonly Claim[] =
    listener === null
      ? []
      : [
          {
            service: source.id,
            source,
            app: source.id,
            since: source.since,
            order: -1,
            label: listener.label,
            value: listener.value,
            listeners: wanted(source, listener, options, diagnostics),
          },
        ];
  const entries = members.flatMap((member): readonly Claim[] => {
    if (member.listener === null) return [];
    return [
      {
        service: member.service,
        source,
        app: source.id,
        since: source.declares[member.service] ?? source.since,
        // What its other labels ask for comes first.
        order: Number.MAX_SAFE_INTEGER,
        label: 'ab_config',
        value: abConfig,
        listeners: [entryListener(member.listener, options)],
      },
    ];
  });
  return [...own, ...entries];
}

function entryListener({ port, hosts, path, mode }: EntryListener, options: DeclareOptions): Listener {
  const bound = options.mapPorts.get(port) ?? port;
  const paths = path === null ? [] : [{ prefix: path, ignoresCase: false }];
  return { ...plainListener(port, bound), mode, hosts, paths };
}

function olderFirst(a: Claim, b: Claim): number {
  return compare(a.since, b.since) || compare(a.app, b.app) || a.order - b.order;
}

/** An app on its last good labels has been told what is wrong, and one that is gone needs to know nothing. */
function isNews({ source }: Claim): boolean {
  return source.app !== null && !source.fallback;
}

/** Host names in another order are the same. */
function isSame(a: readonly Listener[], b: readonly Listener[]): boolean {
  const text = (all: readonly Listener[]) =>
    JSON.stringify(all.map((each) => ({ ...each, hosts: each.hosts.toSorted() })));
  return text(a) === text(b);
}

/** Sorted by bound port; of declared ports that are mapped to one, the lowest stands for all. */
function wanted(
  source: Source,
  intent: ListenerIntent,
  options: DeclareOptions,
  diagnostics: Diagnostic[],
): readonly Listener[] {
  const declared = [...(intent.ports.length > 0 ? intent.ports : source.servicePorts)].sort((a, b) => a - b);
  if (declared.length === 0) {
    const about = { app: source.id, label: intent.label, value: intent.value };
    diagnostics.push(diagnose('listener-without-port', about, {}));
  }
  const address = addressOf(source, intent, options, diagnostics);
  const listeners = new Map<number, Listener>();
  for (const declaredPort of declared) {
    const port = options.mapPorts.get(declaredPort) ?? declaredPort;
    if (!listeners.has(port))
      listeners.set(port, { ...plainListener(declaredPort, port), address, hosts: intent.hosts });
  }
  return [...listeners.values()].sort((a, b) => a.port - b.port);
}

function addressOf(
  source: Source,
  intent: ListenerIntent,
  options: DeclareOptions,
  diagnostics: Diagnostic[],
): string | null {
  if (intent.address === null || isAnyAddress(intent.address.text)) return null;
  const { text, label } = intent.address;
  if (options.localAddresses.has(text)) return text;
  diagnostics.push(diagnose('address-not-here', { app: source.id, label, value: text }, { address: text }));
  return null;
}
