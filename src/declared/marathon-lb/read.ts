/** Reads all marathon-lb labels of one app. */
import type { App, AppPort } from '../../model/app.ts';
import { type Report, say } from '../report.ts';
import { appLabels } from './app-labels.ts';
import { readDeployment } from './deployment.ts';
import { nameIn, type Scope, textOf } from './fields.ts';
import { readGroups } from './lists.ts';
import { hasMarathonLbLabel, portLabelName, sayUnreadLabels, visible } from './near-labels.ts';
import { portLabels } from './port-labels.ts';
import { readPort } from './read-port.ts';
import { readTemplates } from './templates.ts';
import type { MarathonLbPort, MarathonLbReading } from './types.ts';

/**
 * Reads an app's labels, and depends on this app alone; never throws. A bad label is reported and counts as absent, or
 * closes its port where that would give away what the label was to guard; all others hold. Raw HAProxy text is set aside,
 * and reported as refused.
 */
export function readMarathonLb(app: App, report: Report): MarathonLbReading {
  const { labels } = app;
  const scope: Scope = { labels, report, index: 0, closed: false };
  const groups = readGroups(scope, 'app');
  const deployment = readDeployment(scope);
  const ports: MarathonLbPort[] = [];
  const closed: number[] = [];
  for (const port of app.ports) {
    if (isUdp(port)) {
      sayUdp(labels, port, report);
      continue;
    }
    const reading = readPort(app, port, groups ?? [], { labels, report, index: port.index, closed: false });
    if (reading === null) closed.push(port.index);
    else ports.push(reading);
  }
  if (groups === null) sayMissingGroup(app, scope);
  const templates = readTemplates(labels, app.ports.length, report);
  sayUnreadLabels(labels, app.ports.length, report);
  const labelled = hasMarathonLbLabel(labels);
  return { app: app.id, labelled, groups: groups ?? [], deployment, ports, closed, templates };
}

function isUdp({ protocol }: AppPort): boolean {
  return protocol.toLowerCase() === 'udp';
}

/** One word for all labels of a UDP port. */
function sayUdp(labels: Readonly<Record<string, string>>, { index }: AppPort, report: Report): void {
  const label = Object.keys(labels)
    .sort()
    .find((name) => portLabelName(name)?.index === index);
  if (label === undefined) return;
  const details = { label, why: 'on a UDP port', hint: 'Name a TCP port' };
  say(report, 'label-without-effect', label, visible(label, labels[label] ?? ''), details);
}

/** A port with labels and without any group is most likely waiting for one. */
function sayMissingGroup({ labels, ports }: App, scope: Scope): void {
  const lonely = Object.keys(labels)
    .sort()
    .find((name) => {
      const index = portLabelName(name)?.index ?? ports.length;
      return index < ports.length && textOf({ ...scope, index }, portLabels.GROUP) === null;
    });
  if (lonely === undefined) return;
  const { grammar, example } = appLabels.GROUP;
  const label = nameIn(scope, appLabels.GROUP);
  const right = `${label} as ${grammar}, for example ${example}`;
  say(scope.report, 'groups-missing', lonely, visible(lonely, labels[lonely] ?? ''), { label, right });
}
