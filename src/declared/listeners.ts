/** Where each service is to be reached, and who keeps an address and port that several want. */
import type { AppId } from '../model/ids.ts';
import { diagnose } from './diagnostics.ts';
import type { ListenerIntent } from './intent.ts';
import { isAnyAddress } from './names.ts';
import { compare } from './order.ts';
import type { Source } from './sources.ts';
import { createTaken } from './taken.ts';
import { type DeclareOptions, type Diagnostic, type Listener, plainListener } from './types.ts';

export interface Listeners {
  /** Sorted by bound port; an entry, perhaps empty, for each app that is a listener. */
  readonly byApp: ReadonlyMap<AppId, readonly Listener[]>;
  readonly diagnostics: readonly Diagnostic[];
}

/** The listeners of all services: the older app keeps what it has, whoever comes later. */
export function listenersOf(sources: readonly Source[], options: DeclareOptions): Listeners {
  const byApp = new Map<AppId, readonly Listener[]>();
  const diagnostics: Diagnostic[] = [];
  const taken = createTaken();
  for (const source of [...sources].sort(olderFirst)) {
    const intent = source.intent.listener;
    if (intent === null) continue;
    const kept: Listener[] = [];
    for (const listener of wanted(source, intent, options, diagnostics)) {
      const keeper = taken.claim(source.id, listener);
      if (keeper === null) {
        kept.push(listener);
        continue;
      }
      const about = { app: source.id, label: intent.label, value: intent.value };
      diagnostics.push(
        diagnose('listener-conflict', about, {
          listener: named(listener),
          keeper,
          app: source.id,
        }),
      );
    }
    byApp.set(source.id, kept);
  }
  return { byApp, diagnostics };
}

/** By what never changes again while the app is a listener: scaling or correcting an app must not move a port. */
function olderFirst(a: Source, b: Source): number {
  return compare(a.since, b.since) || compare(a.id, b.id);
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

function named(listener: Listener): string {
  const address = listener.address ?? '*';
  const bound = `${address.includes(':') ? `[${address}]` : address}:${listener.port}`;
  return listener.hosts.length === 0 ? bound : `${listener.hosts.join(', ')} on ${bound}`;
}
