/** Reads all labels of one app: what they ask for by themselves, and what is wrong with them. */
import type { AppPort } from '../model/app.ts';
import type { AppId } from '../model/ids.ts';
import { readAbConfig } from './ab-config.ts';
import { type AviProxy, noAviProxy, readAviProxy } from './avi-proxy.ts';
import type { Intent, ListenerIntent, MemberIntent } from './intent.ts';
import { type LabelName, labelRow, labelTable } from './labels.ts';
import { hasMarathonLbLabel } from './marathon-lb/near-labels.ts';
import { ipAddress, switchOf } from './names.ts';
import { distance, nearest, plain } from '../model/nearest.ts';
import { portIndex, portNames } from './ports.ts';
import { emptyReport, type Report, say, sayBadLabel } from './report.ts';
import { show } from './show.ts';
import type { Diagnostic } from './types.ts';
import { hasVip } from './vips.ts';

/** Longer values are refused unread; Marathon itself sets no limit. */
const longest = 65_536;

export interface Reading {
  /** The labels that Baton reads; empty for an app that does not concern it. */
  readonly labels: Readonly<Record<string, string>>;
  /** Null when a label is bad, or when none concerns Baton. */
  readonly intent: Intent | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads an app's labels. Depends on this app alone, never throws, and looks at each character a bounded number of times.
 * @param ports the app's ports, to hold a declared port against; null when they are not known
 */
export function readLabels(
  app: AppId,
  all: Readonly<Record<string, string>>,
  ports: readonly AppPort[] | null,
): Reading {
  const report = emptyReport(app);
  const labels: Record<string, string> = {};
  for (const { name } of labelTable) {
    const value = Object.hasOwn(all, name) ? all[name] : undefined;
    if (value !== undefined) labels[name] = value;
  }
  const concerned = Object.keys(labels).length > 0;
  sayNearLabels(all, concerned, report);
  if (!concerned) return { labels, intent: null, diagnostics: report.diagnostics };
  // Labels without ports are remembered ones, and were good.
  const hasServiceElsewhere = ports === null || hasMarathonLbLabel(all) || hasVip(all, ports);
  const intent = readIntent(labels, ports, hasServiceElsewhere, report);
  return { labels, intent: report.bad ? null : intent, diagnostics: errorsFirst(report.diagnostics) };
}

/** One diagnostic for a bad label: its lesser faults can wait until it is in force at all. */
function errorsFirst(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const bad = new Set(diagnostics.filter((each) => each.severity === 'error').map((each) => each.label));
  return diagnostics.filter((each) => each.severity === 'error' || !bad.has(each.label));
}

function readIntent(
  labels: Readonly<Record<string, string>>,
  ports: readonly AppPort[] | null,
  hasServiceElsewhere: boolean,
  report: Report,
): Intent {
  const front = read(labels, 'FE-Proxy', report, readSwitch) ?? false;
  const listens = read(labels, 'proxy_listener', report, readSwitch) ?? true;
  const vip = read(labels, 'FE-Proxy-VIP', report, readAddress);
  const avi = read(labels, 'avi_proxy', report, readAviProxy) ?? noAviProxy;
  const isListener = listens && (front || avi.virtualService !== null);
  const own = isListener || hasServiceElsewhere ? report.app : null;
  const members = read(labels, 'ab_config', report, (text) => {
    const found = readAbConfig(text, own, report);
    if (found !== null && ports !== null) sayMissingPort(found, text, ports, report);
    return found;
  });
  if (!listens && members === null && !report.bad) {
    const example = labelRow('ab_config').example;
    say(report, 'pool-unattached', 'proxy_listener', labels['proxy_listener'] ?? '', { example });
  }
  return {
    listener: isListener ? listenerOf(labels, avi, vip) : null,
    members: members ?? [],
    abConfig: labels['ab_config'] ?? '',
    balance: avi.balance,
  };
}

/** What a label says; null when it is absent, or bad, which has been said then. */
function read<T>(
  labels: Readonly<Record<string, string>>,
  name: LabelName,
  report: Report,
  parse: (text: string, report: Report, name: LabelName) => T | null,
): T | null {
  const text = labels[name];
  if (text === undefined) return null;
  if (text.length <= longest) return parse(text, report, name);
  say(report, 'label-too-long', name, text, {
    length: String(text.length),
    limit: String(longest),
    label: name,
    example: labelRow(name).example,
  });
  return null;
}

function readSwitch(text: string, report: Report, name: LabelName): boolean | null {
  const value = switchOf(text);
  if (value === null) sayBadLabel(report, name, text);
  return value;
}

function readAddress(text: string, report: Report, name: LabelName): string | null {
  const address = ipAddress(text.length > 100 ? text : text.trim());
  if (address === null) sayBadLabel(report, name, text);
  return address;
}

function listenerOf(
  labels: Readonly<Record<string, string>>,
  avi: AviProxy,
  vip: string | null,
): ListenerIntent {
  const label: LabelName = avi.virtualService === null ? 'FE-Proxy' : 'avi_proxy';
  const declared = avi.virtualService?.address ?? null;
  const fqdn = avi.virtualService?.fqdn ?? null;
  return {
    label,
    value: labels[label] ?? '',
    ports: avi.virtualService?.ports ?? [],
    address:
      declared !== null
        ? { text: declared, label: 'avi_proxy' }
        : vip === null
          ? null
          : { text: vip, label: 'FE-Proxy-VIP' },
    hosts: fqdn === null ? [] : [fqdn],
  };
}

/** A port that is written in the label and that the app does not have makes the label a bad one. */
function sayMissingPort(
  members: readonly MemberIntent[],
  text: string,
  ports: readonly AppPort[],
  report: Report,
): void {
  const member = members.find((each) => each.port !== null && portIndex(ports, each.port) === null);
  if (member === undefined || member.port === null) return;
  say(report, 'port-missing', 'ab_config', text, portNames(member.port, member.service, ports));
}

/**
 * Labels that are ours but for a slip. An app that has none of ours may well have labels of its own that look a little
 * alike, so there the likeness must be greater.
 */
function sayNearLabels(all: Readonly<Record<string, string>>, concerned: boolean, report: Report): void {
  const names = labelTable.map((row) => row.name);
  for (const name of Object.keys(all).sort()) {
    if (names.some((each) => each === name) || name.length > 20) continue;
    const known = nearest(name, names, concerned ? 2 : 1);
    if (known === null) continue;
    const far = distance(plain(name), plain(known), 1);
    if (!concerned && far > 0 && plain(name)[0] !== plain(known)[0]) continue;
    say(report, 'unknown-label', show(name), all[name] ?? '', { label: show(name), known });
  }
}
