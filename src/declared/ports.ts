/** Ports of apps as labels refer to them: by index or by name. */
import type { App, AppPort } from '../model/app.ts';
import type { AppId } from '../model/ids.ts';
import type { PortRef } from './intent.ts';
import { describe, listed, show } from './show.ts';

/** The index of the port that is meant; null when the app has none such. */
export function portIndex(ports: readonly AppPort[], ref: PortRef): number | null {
  const port = ports.find((each) => (typeof ref === 'number' ? each.index === ref : each.name === ref));
  return port?.index ?? null;
}

/** The details of a `port-missing`. */
export function portNames(
  ref: PortRef,
  service: AppId,
  ports: readonly AppPort[],
): { readonly port: string; readonly service: string; readonly ports: string } {
  const names = ports.map((each) =>
    each.name === null ? String(each.index) : `${each.index} or "${each.name}"`,
  );
  return {
    port: describe(ref),
    service: show(service),
    ports: names.length === 0 ? 'none' : listed(names, 8),
  };
}

/** Which ports an app has, in words that follow "the app has". */
export function portsInWords(count: number): string {
  if (count === 0) return 'none';
  return count === 1 ? 'only port 0' : `only ports 0 to ${count - 1}`;
}

/** The service ports of an app in index order, each once: what its listener falls back to. UDP cannot be proxied. */
export function servicePorts(app: App): readonly number[] {
  const ports = app.ports
    .filter((each) => each.protocol.toLowerCase() !== 'udp')
    .map((each) => each.servicePort ?? 0)
    .filter((port) => port >= 1 && port <= 65_535);
  return [...new Set(ports)];
}
