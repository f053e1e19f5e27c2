/** Which methods a path has, for those who ask it with another one. */
import type { Dialect } from './dialect.ts';
import type { Answer, Exchange } from './http-answer.ts';

const methods: readonly (readonly [path: RegExp, methods: readonly string[]])[] = [
  [/^ping$/, ['GET']],
  [/^metrics(?:\/prometheus)?$/, ['GET']],
  [/^v2\/apps$/, ['GET', 'POST', 'PUT', 'PATCH']],
  [/^v2\/apps\/.+\/restart$/, ['POST']],
  [/^v2\/apps\/.+\/versions(?:\/[^/]+)?$/, ['GET']],
  [/^v2\/apps\/.+\/tasks$/, ['GET', 'DELETE']],
  [/^v2\/apps\/.+\/tasks\/[^/]+$/, ['DELETE']],
  [/^v2\/apps\/.+$/, ['GET', 'PUT', 'PATCH', 'DELETE']],
  [/^v2\/tasks$/, ['GET']],
  [/^v2\/tasks\/delete$/, ['POST']],
  [/^v2\/deployments$/, ['GET']],
  [/^v2\/deployments\/[^/]+$/, ['DELETE']],
  [/^v2\/groups\/(?:.+\/)?versions(?:\/[^/]+)?$/, ['GET']],
  [/^v2\/groups(?:\/.+)?$/, ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']],
  [/^v2\/pods$/, ['GET', 'POST']],
  [/^v2\/pods\/.*::status$/, ['GET']],
  [/^v2\/pods\/.+::versions(?:\/[^/]+)?$/, ['GET']],
  [/^v2\/pods\/.+::instances(?:\/[^/]+)?$/, ['DELETE']],
  [/^v2\/pods\/.+$/, ['GET', 'PUT', 'DELETE']],
  [/^v2\/queue$/, ['GET']],
  [/^v2\/queue\/.+\/delay$/, ['DELETE']],
  [/^v2\/plugins$/, ['GET']],
  [/^v2\/info$/, ['GET']],
  [/^v2\/leader$/, ['GET', 'DELETE']],
];

/** What Jersey answers to a method that the path does not have, and to OPTIONS; null for a path that is none. */
export function wrongMethod(
  { segments, method }: Exchange,
  { patchesGroups, metrics }: Pick<Dialect, 'patchesGroups' | 'metrics'>,
): Answer | null {
  const path = segments.join('/');
  const known = methods.find(([pattern]) => pattern.test(path))?.[1];
  if (known === undefined || (path === 'metrics/prometheus' && !metrics.forPrometheus)) return null;
  const own =
    path.startsWith('v2/groups') && !patchesGroups ? known.filter((each) => each !== 'PATCH') : known;
  const allowed = [...own, ...(own.includes('GET') ? ['HEAD'] : []), 'OPTIONS'];
  const headers = { Allow: allowed.join(',') };
  if (method === 'OPTIONS') return { status: 200, headers };
  if (allowed.includes(method)) return null;
  return { status: 405, headers, body: { message: 'HTTP 405 Method Not Allowed' } };
}
