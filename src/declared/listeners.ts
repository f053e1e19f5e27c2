/** Where the services of the Avi dialect want to be reached. */
import type { AppId } from '../model/ids.ts';
import type { Request } from './allot.ts';
import { diagnose } from './diagnostics.ts';
import type { ListenerIntent } from './intent.ts';
import { isAnyAddress } from './names.ts';
import type { Source } from './sources.ts';
import { type DeclareOptions, type Diagnostic, type Listener, plainListener } from './types.ts';

export interface ListenerRequests {
  /** One for each app that is a listener. */
  readonly byApp: ReadonlyMap<AppId, Request>;
  readonly diagnostics: readonly Diagnostic[];
}

export function listenerRequests(sources: readonly Source[], options: DeclareOptions): ListenerRequests {
  const byApp = new Map<AppId, Request>();
  const diagnostics: Diagnostic[] = [];
  for (const source of sources) {
    const intent = source.intent.listener;
    if (intent === null) continue;
    byApp.set(source.id, {
      app: source.id,
      since: source.since,
      order: -1,
      label: intent.label,
      value: intent.value,
      listeners: wanted(source, intent, options, diagnostics),
    });
  }
  return { byApp, diagnostics };
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
