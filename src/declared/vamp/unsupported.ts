/** What Vamp kept and Baton does not, each with what to use instead. */

const inPlace = 'Write it into the blueprint or the gateway that uses it.';
const history = 'GET /v1/services/gateway/NAME/history tells what happened, and GET /metrics counts.';
const judging = 'Judge new versions with analysis in ab_config; scale with a tool that watches the metrics.';
const health = 'GET /v1/services/gateway/NAME tells who is up and who is led to.';

const instead: Readonly<Record<string, string>> = {
  blueprint: 'Deploy it: PUT /api/v1/deployments/NAME, or baton apply -f FILE --as NAME.',
  breed: inPlace,
  condition: inPlace,
  rewrite: inPlace,
  route: inPlace,
  scale: inPlace,
  sla: judging,
  escalation: judging,
  workflow: 'Let steps and analysis in ab_config, or a script with baton update-gateway, do what it did.',
  event: history,
  metric: history,
  health,
  info: 'GET /v1/status tells how Baton is.',
};

/** By the kind of an artifact, or by the path of Vamp's API; null for what Vamp did not have either. */
export function insteadOf(kind: string): string | null {
  const key = kind.toLowerCase().replace(/s$/, '');
  return Object.hasOwn(instead, key) ? (instead[key] ?? null) : null;
}
