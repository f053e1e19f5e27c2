/** The verb `baton history`: what has happened to a service. */
import { ConfigError } from '../config/error.ts';
import { appId } from '../model/ids.ts';
import { nameOf } from '../plan/reasons.ts';
import { askFlags, parseVerbWords } from './flags.ts';
import { askHistory, askServices, batonUrl } from './planning/ask-baton.ts';
import { findServices, onlyOne, servicesNamed } from './planning/find-service.ts';
import { clockText, headed, write } from './text.ts';

const help = `usage: baton history [flags] SERVICE

What has happened to a service, the newest last: traffic that moved and why,
transitions, judgements, orders by people, changes at Marathon. Baton keeps
the last 200 entries of a service over restarts, also of one that is gone.
SERVICE is the id of a service, or of an app that is a pool of one.

  --limit N      so many of the newest (50)
  --baton URL    a running Baton, by the address of its --listen [BATON_URL]
                 (http://127.0.0.1:8090)
  --json         the same as JSON
  -h, --help     this text

exit codes
  0  there is such a service
  1  there is none, or no Baton
  2  the command line makes no sense
`;

/** Exit codes as the help says. */
export async function history(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const { values, words } = parseVerbWords(argv, { ...askFlags, limit: { type: 'string', default: '50' } });
  if (values.help) {
    await write(help);
    return 0;
  }
  const [name, ...more] = words;
  if (name === undefined)
    throw new ConfigError('SERVICE is missing; it should be the id of a service or an app');
  if (more.length > 0) throw new ConfigError(`one SERVICE at a time, and ${words.length} are given`);
  if (!/^[1-9]\d{0,3}$/.test(values.limit))
    throw new ConfigError(`--limit is ${JSON.stringify(values.limit)}; it should be a number, 1 to 9999`);
  const url = batonUrl(values.baton, process.env['BATON_URL']);
  const { value: services } = await askServices(url, signal);
  const named = servicesNamed(services, name);
  onlyOne(named, name);
  const told = await askHistory(url, named[0]?.service ?? appId(name), Number(values.limit), signal);
  if (told === null) {
    findServices(`Baton at ${url}`, services, name);
    throw new Error(`Baton at ${url} keeps no history`);
  }
  const lines = told.entries.flatMap(({ at, text }) => headed(`${clockText(at)}  `, text));
  await write(
    values.json
      ? `${JSON.stringify(told, null, 2)}\n`
      : `${lines.length === 0 ? `nothing is known of ${nameOf(told.service)} yet` : lines.join('\n')}\n`,
  );
  return 0;
}
