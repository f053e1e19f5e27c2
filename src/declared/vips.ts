/** Reads the VIPs of one app: labels of its ports, and the older labels of the app that name a port by its index. */
import type { App, AppPort } from '../model/app.ts';
import type { LabelRow } from './label-row.ts';
import { compare } from './order.ts';
import { portsInWords } from './ports.ts';
import { type Report, say } from './report.ts';
import { describe, show } from './show.ts';
import { type VipName, vipName } from './vip-names.ts';

export interface Vip extends VipName {
  readonly portIndex: number;
}

const grammar = 'a name or an IP address, a colon and a port';

export const vipLabels = {
  port: {
    name: 'VIP_{n}',
    meaning:
      'On a port mapping or port definition: an address of DC/OS at which the port is served, with `--vip-listeners`.',
    default: 'none',
    grammar,
    example: '/shop:80',
    status: 'carried out',
  },
  app: {
    name: 'vip_port{n}',
    meaning: "On the app: the same for the port of index `{n}`, in the words of DC/OS's first versions.",
    default: 'none',
    grammar: `tcp:// before ${grammar}`,
    example: 'tcp://shop:80',
    status: 'carried out',
  },
} as const satisfies Readonly<Record<string, LabelRow>>;

/** Of each kind DC/OS reads upper or lower case, nothing in between. */
const onPort = /^(?:VIP|vip)/;
const onApp = /^vip_port(\d{1,5})$/i;

/** Whether any of the labels is one of a VIP, good or bad. */
export function hasVip(labels: Readonly<Record<string, string>>, ports: readonly AppPort[]): boolean {
  return (
    Object.keys(labels).some((label) => onApp.test(label)) ||
    ports.some((port) => Object.keys(port.labels).some((label) => onPort.test(label)))
  );
}

/**
 * The VIPs of an app, by port index, then by label. A bad label is reported and declares nothing; all others hold. An app
 * may have one VIP on several ports, and many apps may share one: then their instances are one pool to DC/OS.
 */
export function readVips(app: App, report: Report): readonly Vip[] {
  const vips: Vip[] = [];
  for (const port of app.ports) {
    for (const label of Object.keys(port.labels).sort(compare)) {
      const text = port.labels[label] ?? '';
      const place = `${show(label)} of port ${port.index}`;
      if (onPort.test(label)) add(port, place, label, text, vipLabels.port, vipName(text.trim()));
      else if (/^vip[_-]?\d+$/i.test(label)) sayMisspelt(label, text);
    }
  }
  for (const label of Object.keys(app.labels).sort(compare)) {
    const text = app.labels[label] ?? '';
    const index = onApp.exec(label)?.[1];
    if (index !== undefined) addByIndex(label, text, Number(index));
    else if (/^vip[_-]?\d+$/i.test(label)) {
      const hint = 'Write it among the labels of a port mapping or port definition';
      say(report, 'label-without-effect', label, text, { label, why: 'on the app as a whole', hint });
    }
  }
  return vips.sort((a, b) => a.portIndex - b.portIndex);

  function addByIndex(label: string, text: string, index: number): void {
    const port = app.ports.find((each) => each.index === index);
    const [, protocol, rest] = /^(tcp|udp):\/\/(.*)$/i.exec(text.length > 500 ? '' : text.trim()) ?? [];
    if (port === undefined) {
      const ports = portsInWords(app.ports.length);
      say(report, 'label-beyond-ports', label, text, { label, index: String(index), ports });
    } else if (protocol?.toLowerCase() === 'udp') sayUdp(label, label, text);
    else add(port, label, label, text, vipLabels.app, rest === undefined ? null : vipName(rest));
  }

  function add(
    port: AppPort,
    place: string,
    label: string,
    text: string,
    row: LabelRow,
    vip: VipName | null,
  ): void {
    if (vip === null) {
      const right = `${row.grammar}, for example ${row.example}`;
      const details = { label: place, found: describe(text), right, instead: 'it declares nothing' };
      say(report, 'label-defaulted', label, text, details);
    } else if (port.protocol.toLowerCase() === 'udp') sayUdp(place, label, text);
    else vips.push({ ...vip, portIndex: port.index });
  }

  function sayUdp(place: string, label: string, text: string): void {
    const details = { label: place, why: 'for UDP, which HAProxy does not pass on', hint: 'Name a TCP port' };
    say(report, 'label-without-effect', label, text, details);
  }

  function sayMisspelt(label: string, text: string): void {
    const known = `VIP_${label.replace(/\D/g, '')}`;
    say(report, 'unknown-label', label, text, { label, known });
  }
}
