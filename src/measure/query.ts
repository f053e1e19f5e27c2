/** Puts the judged pool's names into a query. */
import type { ServiceId } from '../model/ids.ts';
import type { AskedPool } from '../plan/asks.ts';

/**
 * The query with `{{app}}`, `{{service}}`, `{{backend}}` and `{{slot}}` replaced: app and service by their ids as they
 * are in Baton's metrics, with the leading slash. A value cannot end the literal in which it stands, however it is
 * quoted: what is not harmless is written as PromQL's string literals write it, by number.
 */
export function queryFor(query: string, service: ServiceId, pool: AskedPool): string {
  const values: Readonly<Record<string, string>> = {
    app: pool.app,
    service,
    backend: pool.backend,
    slot: pool.slot,
  };
  return query.replace(/\{\{([a-z]+)\}\}/g, (whole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    return value === undefined ? whole : quotedSafe(value);
  });
}

function quotedSafe(value: string): string {
  return value.replace(
    /[^A-Za-z0-9_./:@-]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
