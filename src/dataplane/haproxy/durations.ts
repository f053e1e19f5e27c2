/** How long requests take: counted by HAProxy itself, in buckets per pool, because its own averages are over the last 1,024 only. */
import { latencyBoundsMs, noDurations } from '../../model/latency.ts';
import { failoverServer } from './failover-server.ts';

/** The stick table; its keys are names of backends. */
export const durationsTable = ':durations';

export function renderDurationsTable(backends: number): string {
  return `backend ${durationsTable}
  stick-table type string len 255 size ${backends} store gpc(${noDurations.length})`;
}

/** Of most requests the duration is below this one, ms, and nothing further is compared. */
const quickMs = 20;

/**
 * The rules of a frontend: from the request's head to the answer's, of what a server has answered. What has gone on to
 * another pool is counted where it is handed to that, by the way there.
 */
export function durationRules(): string {
  const rules = [`http-response track-sc1 be_name table ${durationsTable} if !away`];
  rules.push('http-response set-var(txn.took) date(0,ms),sub(txn.began)');
  for (const [index, bound] of latencyBoundsMs.entries()) {
    const above = latencyBoundsMs[index - 1];
    const range = above === undefined ? `le ${bound}` : `${above + 1}:${bound}`;
    rules.push(`http-response sc-inc-gpc(${index},1) if { var(txn.took) -m int ${range} }`);
    if (bound === quickMs) rules.push(`http-response allow if { var(txn.took) -m int le ${bound} }`);
  }
  const last = latencyBoundsMs.at(-1) ?? 0;
  rules.push(`http-response sc-inc-gpc(${latencyBoundsMs.length},1) if { var(txn.took) -m int gt ${last} }`);
  return `  http-request set-var(txn.began) date(0,ms)
  acl away srv_name -m str ${failoverServer}
${rules.map((rule) => `  ${rule}\n`).join('')}`;
}

/** All, or one backend's. */
export function showDurations(backend?: string): string {
  return `show table ${durationsTable}${backend === undefined ? '' : ` key ${backend}`}`;
}
