/** `baton gateways`: the gateways of a running Baton, and who carries them. */
import { z } from 'zod';
import { gatewayId } from '../declared/vamp/gateway-listeners.ts';
import { nameOf } from '../plan/reasons.ts';
import { askFlags, parseVerbFlags } from './flags.ts';
import { askServices, batonUrl } from './planning/ask-baton.ts';
import type { ShownService } from './planning/shown.ts';
import { headed, indented, percentText, write } from './text.ts';
import { type ShownGateway, shownGateway } from './vamp/artifact.ts';
import { askVamp } from './vamp/ask.ts';

const help = `usage: baton gateways [flags]

Says which gateways a running Baton has, what their routes declare, and who
carries their traffic now.

  --baton URL    by the address of its --listen [BATON_URL]
                 (http://127.0.0.1:8090)
  --json         the gateways as JSON, as GET /api/v1/gateways answers them
  -h, --help     this text
`;

export async function gateways(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const values = parseVerbFlags(argv, askFlags);
  if (values.help) {
    await write(help);
    return 0;
  }
  const url = batonUrl(values.baton, process.env['BATON_URL']);
  const said = await askVamp(url, { method: 'GET', path: 'gateways' }, signal);
  if (!said.ok) throw new Error(said.message);
  if (values.json) {
    await write(`${JSON.stringify(said.body, null, 2)}\n`);
    return 0;
  }
  const { value: services } = await askServices(url, signal);
  const list = z.array(shownGateway).parse(said.body);
  const blocks = list.map((gateway) =>
    gatewayLines(
      gateway,
      services.find(({ service }) => service === String(gatewayId(gateway.name))),
    ).join('\n'),
  );
  await write(`${list.length === 0 ? 'There are no gateways.' : blocks.join('\n\n')}\n`);
  return 0;
}

function gatewayLines(gateway: ShownGateway, service: ShownService | undefined): readonly string[] {
  const { name, port, virtual_hosts: hosts, selector, service: told, routes } = gateway;
  const where = [port, ...hosts].join(', ');
  const carriers = service?.pools.filter(({ weight }) => weight > 0) ?? [];
  const now = carriers.map(({ app, weight }) => `${nameOf(app)} ${percentText(weight)}`).join(', ');
  return [
    ...indented(0, `gateway ${name} on ${where}: ${service?.phase ?? 'not there yet'}`, 2),
    ...(service === undefined ? [] : indented(2, `because ${service.because.text}`, 2)),
    ...(told === undefined ? [] : indented(2, `told as ${told.host}:${told.port}`)),
    ...(selector === undefined ? [] : indented(2, `routes by the selector ${selector}`)),
    ...Object.entries(routes).flatMap(([path, { weight, condition, condition_strength: strength }]) => [
      ...headed(`  ${weight.padStart(8)}  `, path),
      ...(condition === null ? [] : indented(12, `${strength} of those with ${condition.condition}`)),
    ]),
    ...indented(2, `now: ${now === '' ? 'nobody' : now}`, 2),
  ];
}
