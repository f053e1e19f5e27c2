/** The verb `baton explain`: one service, who carries it, and why. */
import { ConfigError } from '../config/error.ts';
import { nameOf } from '../plan/reasons.ts';
import { declareOptions } from './declare-options.ts';
import { askFlags, parseVerbWords } from './flags.ts';
import { askDiagnostics, askServices, batonUrl } from './planning/ask-baton.ts';
import { findServices } from './planning/find-service.ts';
import { bindsOf } from './planning/changes.ts';
import { hostsOf, readOnce } from './planning/read-once.ts';
import { createRehearsal } from './planning/rehearsal.ts';
import type { ShownDiagnostic, ShownPool, ShownService } from './planning/shown.ts';
import { configOf, runFlags } from './run-flags.ts';
import { headed, indented, percentText, write } from './text.ts';
import { transitionLines } from './transition-text.ts';

const help = `usage: baton explain [flags] SERVICE

One service, by its id, by that of an app that is a pool of it, or by a host
name: what it is doing, each pool with its share, and the reason of each; each
endpoint with what Marathon and HAProxy say of it.

  --baton URL        a running Baton, by the address of its --listen
                     [BATON_URL] (http://127.0.0.1:8090)
  --marathon URL     instead, what Baton would do with this Marathon; with the
                     other flags of 'baton run' about it
  --json             the same as JSON
  -h, --help         this text

exit codes
  0  there is such a service
  1  there is none, or Baton or Marathon cannot be read
  2  the command line makes no sense
`;

/** Exit codes as the help says. */
export async function explain(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const { values, words } = parseVerbWords(argv, { ...runFlags, ...askFlags });
  if (values.help) {
    await write(help);
    return 0;
  }
  const [name, ...more] = words;
  if (name === undefined)
    throw new ConfigError('SERVICE is missing; it should be the id of a service or an app');
  if (more.length > 0)
    throw new ConfigError(`one SERVICE is explained at a time, and ${words.length} are given`);
  if ('marathon' in values && values.baton !== undefined)
    throw new ConfigError('--marathon and --baton are two sources; give one');
  const services =
    'marathon' in values
      ? await fromMarathon(values, signal)
      : await fromBaton(batonUrl(values.baton, process.env['BATON_URL']), signal);
  const [service] = findServices(services.source, services.list, name, services.diagnostics);
  await write(
    values.json
      ? `${JSON.stringify(service, null, 2)}\n`
      : `${explainLines(service, services.at).join('\n')}\n`,
  );
  return 0;
}

interface Services {
  readonly source: string;
  readonly list: readonly ShownService[];
  readonly diagnostics: readonly ShownDiagnostic[];
  /** Now, by the clock of who tells; null where time is only played. */
  readonly at: number | null;
}

async function fromMarathon(
  values: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<Services> {
  const config = configOf(values);
  const cluster = await readOnce(config, signal);
  const rehearsal = await createRehearsal(declareOptions(config), signal);
  const { services: list, diagnostics } = await rehearsal.play(cluster, signal);
  return { source: hostsOf(config), list, diagnostics, at: null };
}

async function fromBaton(url: string, signal: AbortSignal): Promise<Services> {
  const { value, at } = await askServices(url, signal);
  return { source: `Baton at ${url}`, list: value, diagnostics: await askDiagnostics(url, signal), at };
}

function explainLines(service: ShownService, at: number | null): readonly string[] {
  const binds = bindsOf(service);
  const { app, gone } = service.listener;
  return [
    ...indented(0, `service ${nameOf(service.service)}: ${service.phase}`, 2),
    ...indented(2, `because ${service.because.text}`, 2),
    ...indented(2, `on ${binds.length === 0 ? 'no listener' : binds.join(', ')}`, 3),
    ...indented(2, `declared by ${nameOf(app)}${gone ? ', which was deleted' : ''}`, 2),
    ...transitionLines(service, at),
    ...service.pools.flatMap((pool) => ['', ...poolLines(pool)]),
  ];
}

function poolLines(pool: ShownPool): readonly string[] {
  const declared = pool.declaredWeight === null ? 'no weight declared' : `weight ${pool.declaredWeight}`;
  const measured = pool.realised === null ? [] : [`got ${percentText(pool.realised)}`];
  const facts = [
    `priority ${pool.priority}`,
    declared,
    `side ${pool.side}`,
    `slot ${pool.slot}`,
    `${pool.sessions} in progress`,
    ...measured,
  ];
  return [
    ...headed(`  ${percentText(pool.weight).padStart(8)}  `, `${nameOf(pool.app)}  ${pool.state}`),
    ...indented(12, `because ${pool.because.text}`, 2),
    ...indented(12, facts.join(', ')),
    ...(pool.endpoints.length === 0 ? indented(12, 'no endpoint') : []),
    ...pool.endpoints.flatMap(({ host, port, rotation, health, probed }) =>
      indented(12, `${host}:${port}  rotation ${rotation}, Marathon says ${health}, check ${probed}`, 2),
    ),
  ];
}
