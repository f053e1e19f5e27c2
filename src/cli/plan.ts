/** The verb `baton plan`: what Baton would change now, or if something were posted, and why. Changes nothing. */
import { ConfigError } from '../config/error.ts';
import { systemClock } from '../controller/clock.ts';
import { listed, show } from '../declared/show.ts';
import { nameOf } from '../plan/reasons.ts';
import { declareOptions } from './declare-options.ts';
import { readDefinitions } from './definitions/read.ts';
import type { DefinedApp } from './definitions/to-app.ts';
import { parseVerbWords } from './flags.ts';
import { askDiagnostics, askServices, batonUrl } from './planning/ask-baton.ts';
import { changesBetween } from './planning/changes.ts';
import { askGateways } from './planning/kept-gateways.ts';
import { appsOf, dryRunLines, hintLines } from './planning/dry-run.ts';
import { overlay } from './planning/overlay.ts';
import { changeLines, diagnosticsLines, pendingLines } from './planning/plan-text.ts';
import { hostsOf, readOnce } from './planning/read-once.ts';
import { createRehearsal } from './planning/rehearsal.ts';
import { configOf, runFlags } from './run-flags.ts';
import { indented, write } from './text.ts';

const help = `usage: baton plan [flags] [--with FILE...]

Says what Baton would change now, and why: services, pools, shares, and what
is wrong with labels. It only reads, and nothing is changed.

  baton plan --marathon URL
      from nothing to what the labels of this Marathon ask for
  baton plan --marathon URL --with FILE...
      what posting these app definitions would change, once their instances
      are healthy; - is standard input
  baton plan --marathon URL --baton URL
      from what this Baton does now to what it would do with the other flags
      given, or with another Marathon; also --with FILE. The gateways that it
      keeps count as well; without --baton a plan knows of none
  baton plan --baton URL
      what this Baton has not finished yet

  --with FILE            app definitions as 'baton lint' reads them
  --baton URL            a running Baton, by the address of its --listen
                         [BATON_URL]
  --detailed-exitcode    exit code 3 when there is something to change
  --json                 the same as JSON
  -h, --help             this text
And the flags and variables of 'baton run', with the same meaning: those about
Marathon, --map-port and --request-timeout matter here. Without --marathon
and --baton, a Baton at http://127.0.0.1:8090 is asked.

exit codes
  0  done; with --detailed-exitcode, and nothing is to change
  1  Marathon or Baton cannot be read, or a definition has an error
  2  a file cannot be read, or the command line makes no sense
  3  with --detailed-exitcode: something is to change

examples
  baton plan --marathon http://marathon.mesos:8080
  baton plan --marathon http://marathon.mesos:8080 --with app1-200.json
`;

const flags = {
  with: { type: 'string', multiple: true, default: [] as string[] },
  baton: { type: 'string' },
  'detailed-exitcode': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

interface Planned {
  readonly isChange: boolean;
  readonly json: object;
  readonly lines: readonly string[];
}

/** Exit codes as the help says. */
export async function plan(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const { values, words } = parseVerbWords(argv, { ...runFlags, ...flags });
  if (values.help) {
    await write(help);
    return 0;
  }
  if (words.length > 0 && values.with.length === 0)
    throw new ConfigError(`${JSON.stringify(words[0])} is no flag; definitions come after --with`);
  const files = [...values.with, ...words];
  const env = process.env;
  const hasMarathon = 'marathon' in values || (env['BATON_MARATHON'] ?? '') !== '';
  const hasBaton = values.baton !== undefined || (env['BATON_URL'] ?? '') !== '';
  if (!hasMarathon && files.length > 0)
    throw new ConfigError('--with needs --marathon: what is posted is seen beside the apps that are there');
  const baton = hasBaton || !hasMarathon ? batonUrl(values.baton, env['BATON_URL']) : null;
  const planned = hasMarathon
    ? await planMarathon(values, baton, files, signal)
    : await planBaton(baton ?? '', signal);
  await write(
    values.json
      ? `${JSON.stringify(planned.json, null, 2)}\n`
      : `${[...planned.lines, '', 'Nothing was changed.'].join('\n')}\n`,
  );
  return values['detailed-exitcode'] && planned.isChange ? 3 : 0;
}

async function planMarathon(
  values: Readonly<Record<string, unknown>>,
  baton: string | null,
  files: readonly string[],
  signal: AbortSignal,
): Promise<Planned> {
  const config = configOf(values);
  const defined = files.length === 0 ? [] : await definitionsIn(files, signal);
  const cluster = await readOnce(config, signal);
  const gateways = baton === null ? [] : await askGateways(baton, signal);
  const rehearsal = await createRehearsal(declareOptions(config), signal, gateways);
  const now = await rehearsal.play(cluster, signal);
  const posted = files.length === 0 ? cluster : overlay(cluster, defined);
  const then = files.length === 0 ? now : await rehearsal.play(posted, signal);
  const before =
    baton !== null ? (await askServices(baton, signal)).value : files.length === 0 ? [] : now.services;
  const changes = changesBetween(before, then.services);
  const known = new Set(files.length === 0 ? [] : now.diagnostics.map((each) => JSON.stringify(each)));
  const diagnostics = then.diagnostics.filter((each) => !known.has(JSON.stringify(each)));
  const json = { apps: cluster.apps.size, with: files, changes, services: then.services, diagnostics };
  const isChange = changes.length > 0;
  const hosts = hostsOf(config);
  if (files.length === 0 && baton === null) {
    // The last line is said of all plans.
    return { isChange, json, lines: dryRunLines(config, cluster, then).slice(0, -2) };
  }
  const what =
    files.length === 0
      ? `What would change with the ${appsOf(cluster.apps.size)} of ${hosts}:`
      : `What posting ${listed(
          defined.map(({ app }) => show(nameOf(app.id))),
          10,
        )} to ${hosts} would change, once all instances are healthy:`;
  return {
    isChange,
    json,
    lines: [
      ...indented(0, what),
      ...changeLines(changes),
      ...diagnosticsLines(diagnostics),
      ...hintLines(posted.apps, config),
    ],
  };
}

/** Newer than all that is there. */
async function definitionsIn(files: readonly string[], signal: AbortSignal): Promise<readonly DefinedApp[]> {
  const { apps, findings } = await readDefinitions(files, new Date(systemClock()).toISOString(), signal);
  const bad = findings.find(({ severity }) => severity === 'error');
  if (bad !== undefined) {
    const place = `${bad.file}:${bad.line}:${bad.column}`;
    throw new Error(`${place}: ${bad.problem} ${bad.remedy} 'baton lint' tells all.`);
  }
  const nameless = apps.find(({ found }) => found.id === null);
  if (nameless !== undefined)
    throw new Error(`${nameless.found.file}: a definition without an id is no app yet`);
  return apps;
}

async function planBaton(baton: string, signal: AbortSignal): Promise<Planned> {
  const [{ value: services }, diagnostics] = await Promise.all([
    askServices(baton, signal),
    askDiagnostics(baton, signal),
  ]);
  const pending = services.filter(({ phase }) => phase !== 'settled');
  return {
    isChange: pending.length > 0,
    json: { baton, pending: pending.map(({ service }) => service), services, diagnostics },
    lines: [
      ...indented(0, `What Baton at ${baton} has not finished:`),
      ...pendingLines(pending, services.length),
      ...diagnosticsLines(diagnostics),
    ],
  };
}
