/** Which name or app leads where in HAProxy, line by line as marathon-lb's map files have it: the key, a blank, the backend. */
import { backendsName } from '../model/ids.ts';
import type { ServiceVerdict } from '../plan/verdict.ts';

/** Each virtual host with the services that have it, beginnings of paths behind it where there are some. */
export function hostLines(services: readonly ServiceVerdict[]): string {
  return linesOf(
    services.flatMap(({ service, listeners }) =>
      listeners.flatMap(({ hosts, paths }) => {
        const beginnings = paths.length === 0 ? [''] : paths.map(({ prefix }) => prefix);
        return hosts.flatMap((host) => beginnings.map((path) => `${host}${path} ${backendsName(service)}`));
      }),
    ),
  );
}

/** Each app with the backends of its pools. */
export function appLines(services: readonly ServiceVerdict[]): string {
  return linesOf(
    services.flatMap(({ service, pools }) =>
      pools.map(({ app, slot }) => `${app} ${backendsName(service)}:${slot}`),
    ),
  );
}

function linesOf(lines: readonly string[]): string {
  return [...new Set(lines)]
    .sort()
    .map((line) => `${line}\n`)
    .join('');
}
