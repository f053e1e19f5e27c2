/** Which listeners can stand together on one address and port: those who came later give way, and are told. */
import type { Diagnostic, Listener } from '../../declared/types.ts';
import type { AppId, ServiceId } from '../../model/ids.ts';
import { diagnostic } from '../diagnostics.ts';
import { frontendOf } from './frontends.ts';
import type { Services } from './state.ts';
import type { Wanted } from './wanted.ts';

export interface Settled {
  readonly services: ReadonlyMap<string, Wanted>;
  /** By service; only of those that had to give way. */
  readonly diagnostics: ReadonlyMap<ServiceId, readonly Diagnostic[]>;
}

interface Holder {
  readonly service: string;
  readonly listener: Listener;
}

/**
 * Services that are not asked about come first, then what runs already, then the rest by name. What speaks another
 * protocol, or wants a connection's whole port beside somebody else, is left out; bind options are the first one's.
 * @param only the services that the target is about, by name; null: all
 */
export function settle(
  wanted: ReadonlyMap<string, Wanted>,
  running: Services,
  only: ReadonlySet<string> | null,
  bind: string,
): Settled {
  if ([...wanted.values()].every((want) => isAsItRuns(want, running))) {
    return { services: wanted, diagnostics: new Map() };
  }
  const holders = new Map<string, Holder>();
  const take = (service: string, listener: Listener) => {
    const { key } = frontendOf(listener, bind);
    if (!holders.has(key)) holders.set(key, { service, listener });
  };
  for (const { name, listeners } of only === null ? [] : running.values()) {
    if (!only?.has(name)) for (const listener of listeners) take(name, listener);
  }
  for (const want of wanted.values()) {
    const runs = new Set(running.get(want.name)?.listeners.map((each) => JSON.stringify(each)));
    for (const listener of want.listeners) {
      if (listener.mode === want.mode && runs.has(JSON.stringify(listener))) take(want.name, listener);
    }
  }
  for (const want of wanted.values()) {
    for (const listener of want.listeners) if (listener.mode === want.mode) take(want.name, listener);
  }
  const services = new Map<string, Wanted>();
  const diagnostics = new Map<ServiceId, readonly Diagnostic[]>();
  for (const want of wanted.values()) {
    const said: Diagnostic[] = [];
    const listeners = want.listeners.flatMap((each) => beside(want, each, holders, bind, said));
    services.set(want.name, said.length === 0 ? want : { ...want, listeners });
    if (said.length > 0) diagnostics.set(want.id, said);
  }
  return { services, diagnostics };
}

function isAsItRuns({ name, listeners }: Wanted, running: Services): boolean {
  const runs = running.get(name)?.listeners;
  return runs === listeners || JSON.stringify(runs) === JSON.stringify(listeners);
}

function beside(
  want: Wanted,
  listener: Listener,
  holders: ReadonlyMap<string, Holder>,
  bind: string,
  said: Diagnostic[],
): readonly Listener[] {
  const { key } = frontendOf(listener, bind);
  const holder = holders.get(key);
  const app = want.id as string as AppId;
  const first = holder?.listener ?? listener;
  const isAlike = first.mode === listener.mode && (first.tls === null) === (listener.tls === null);
  const isAlone = listener.mode === 'http' || holder?.service === want.name;
  if (listener.mode !== want.mode || !isAlike || !isAlone) {
    said.push(diagnostic('listener-mixed', app, key));
    return [];
  }
  if (first.bindOptions.join(' ') === listener.bindOptions.join(' ')) return [listener];
  said.push(diagnostic('bind-options-differ', app, `${key} ${listener.bindOptions.join(' ')}`));
  return [{ ...listener, bindOptions: first.bindOptions }];
}
