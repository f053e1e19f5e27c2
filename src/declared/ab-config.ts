/** Reads `ab_config`: of which services the app is a pool, and how. */
import { type AppId, appId } from '../model/ids.ts';
import { nearest } from '../model/nearest.ts';
import { abConfigTable } from './ab-config-keys.ts';
import { type Entry, entrySchema } from './ab-config-schema.ts';
import { parseLabel } from './avi-proxy.ts';
import { check, type UnknownKey, unknownKeys, type Wrong, resembles } from './check.ts';
import { type EntryListener, type MemberIntent, plainMember } from './intent.ts';
import { labelRow } from './labels.ts';
import { rolloutOf } from './rollout-of.ts';
import { type Report, say, sayWrong } from './report.ts';
import { hostName } from './names.ts';
import { describe, show } from './show.ts';

const label = 'ab_config';

/** One app is a pool of no more services than this. */
const mostEntries = 100;

/**
 * The entries of the label, each service at most once; null, and said, when something in it is wrong.
 * @param own the app's own service when it is a listener: what an entry without `service` means
 */
export function readAbConfig(
  text: string,
  own: AppId | null,
  report: Report,
): readonly MemberIntent[] | null {
  const json = parseLabel(text, label, report);
  if (json === null) return null;
  const unknown: UnknownKey[] = [];
  const entries = parseEntries(json.value, text, report, unknown);
  if (entries === null) return null;
  const members: MemberIntent[] = [];
  for (const entry of entries) {
    const itself = entry.listener === undefined ? own : report.app;
    const service = entry.service === undefined ? itself : appId(entry.service);
    if (service === null) {
      const slip = unknown.find(({ parent, key }) => parent === '' && nearest(key, ['service']) !== null);
      const more = slip === undefined ? '' : `, only ${describe(slip.key)}`;
      say(report, 'service-missing', label, text, { more, example: labelRow(label).example });
      return null;
    }
    if (members.some((each) => each.service === service)) {
      say(report, 'service-twice', label, text, { service: show(service) });
      return null;
    }
    members.push(memberOf(service, entry));
  }
  return members;
}

function parseEntries(
  value: unknown,
  text: string,
  report: Report,
  unknown: UnknownKey[],
): readonly Entry[] | null {
  const isList = Array.isArray(value);
  const inputs: readonly unknown[] = isList ? value : [value];
  if (inputs.length === 0 || inputs.length > mostEntries) {
    const found = inputs.length === 0 ? 'an empty list' : `a list of more than ${mostEntries}`;
    sayWrong(report, label, text, abConfigTable, [{ path: '', found }]);
    return null;
  }
  const entries: Entry[] = [];
  const wrong: Wrong[] = [];
  inputs.forEach((input, index) => {
    if (typeof input !== 'object' || input === null || Array.isArray(input)) {
      wrong.push({ path: '', found: isList ? `a list with ${describe(input)} in it` : describe(input) });
      return;
    }
    const checked = check(entrySchema, input);
    if (checked.value !== null) entries.push(checked.value);
    unknown.push(...checked.unknown);
    wrong.push(
      ...checked.wrong.map((each) => ({
        ...each,
        found: isList ? `${each.found} in entry ${index + 1}` : each.found,
      })),
    );
  });
  sayWrong(report, label, text, abConfigTable, wrong);
  const slips = unknown.filter((each) => resembles(each, abConfigTable) !== null);
  if (slips.length > 0 && wrong.length === 0) {
    // A misspelt priority would let the rest hold with priority 0: it may not take traffic that nobody meant it to.
    say(report, 'key-misspelt', label, text, { keys: unknownKeys(slips, abConfigTable) });
    return null;
  }
  if (unknown.length > 0)
    say(report, 'unknown-key', label, text, { keys: unknownKeys(unknown, abConfigTable) });
  return wrong.length > 0 ? null : entries;
}

function memberOf(service: AppId, entry: Entry): MemberIntent {
  const plain = plainMember(service);
  return {
    service,
    port: entry.port ?? null,
    listener: entry.listener === undefined ? null : listenerOf(entry.listener),
    priority: entry.priority ?? plain.priority,
    weight: entry.weight ?? plain.weight,
    ready: {
      instances: entry.ready?.instances ?? plain.ready.instances,
      withinMs: entry.ready?.within ?? plain.ready.withinMs,
      keep: entry.ready?.keep ?? plain.ready.keep,
      graceMs: entry.ready?.grace ?? plain.ready.graceMs,
    },
    forMs: entry.ready?.for ?? plain.forMs,
    failover: entry.failover ?? plain.failover,
    drain: {
      timeoutMs: entry.drain?.timeout ?? plain.drain.timeoutMs,
      then: entry.drain?.then ?? plain.drain.then,
    },
    rollout: rolloutOf(entry),
  };
}

function listenerOf({ port, hosts, path, mode }: NonNullable<Entry['listener']>): EntryListener {
  return {
    port,
    hosts: [...new Set(hosts?.map((each) => hostName(each) ?? each))],
    path: path === undefined || path === '/' ? null : path,
    mode: mode ?? 'http',
  };
}
