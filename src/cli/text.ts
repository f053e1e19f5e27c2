/** Services, pools and diagnostics as text for an 80-column terminal. */
import type { Diagnostic } from '../declared/types.ts';
import { percent } from '../model/weights.ts';
import { nameOf } from '../plan/reasons.ts';
import type { PoolVerdict, ServiceVerdict } from '../plan/verdict.ts';

export function serviceLines(service: ServiceVerdict): readonly string[] {
  const binds = service.listeners.map(
    ({ address, port, hosts }) =>
      `${address ?? '*'}:${port}${hosts.length === 0 ? '' : ` (${hosts.join(', ')})`}`,
  );
  return [
    `service ${nameOf(service.service)} on ${binds.length === 0 ? 'no listener' : binds.join(', ')}: ${service.phase}`,
    `  because ${service.because.text}`,
    ...service.pools.toSorted((a, b) => b.priority - a.priority).flatMap(poolLines),
  ];
}

function poolLines(pool: PoolVerdict): readonly string[] {
  const up = pool.endpoints.filter((endpoint) => endpoint.rotation === 'in').length;
  const facts = `priority ${pool.priority}, side ${pool.side}, slot ${pool.slot}, ${up} of ${pool.endpoints.length} up`;
  return [
    `  ${percent(pool.weight).padStart(8)}  ${nameOf(pool.app)}  ${pool.state} (${facts})`,
    `            ${pool.because.text}`,
  ];
}

export function diagnosticLines(diagnostic: Diagnostic): readonly string[] {
  const where = [diagnostic.app === null ? null : nameOf(diagnostic.app), diagnostic.label]
    .filter((part) => part !== null)
    .join(' ');
  return [
    `  ${diagnostic.severity}: ${where}${diagnostic.value === null ? '' : ` = ${diagnostic.value}`}`,
    `    ${diagnostic.problem}`,
    `    ${diagnostic.remedy}`,
  ];
}
