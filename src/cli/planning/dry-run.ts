/** What Baton would do with a Marathon as it is: `baton run --dry-run`, and the plain `baton plan`. */
import type { Config } from '../../config/config.ts';
import { declareOptions } from '../declare-options.ts';
import type { Cluster } from '../../model/app.ts';
import { diagnosticLines, indented, serviceLines, write } from '../text.ts';
import { groupHints } from './group-hints.ts';
import { hostsOf, readOnce } from './read-once.ts';
import { createRehearsal, type Outcome } from './rehearsal.ts';

/** Exit code 0 when Marathon could be read; an error, when not. */
export async function dryRun(config: Config, signal: AbortSignal): Promise<number> {
  const cluster = await readOnce(config, signal);
  const rehearsal = await createRehearsal(declareOptions(config), signal);
  const outcome = await rehearsal.play(cluster, signal);
  await write(`${dryRunLines(config, cluster, outcome).join('\n')}\n`);
  return 0;
}

export function dryRunLines(config: Config, { apps }: Cluster, outcome: Outcome): readonly string[] {
  return [
    ...indented(0, `What Baton would do with the ${appsOf(apps.size)} of ${hostsOf(config)}:`),
    ...outcome.services.flatMap((service) => ['', ...serviceLines(service)]),
    ...(outcome.services.length === 0 ? ['', 'Nothing: no app declares a service.'] : []),
    ...(outcome.diagnostics.length === 0
      ? []
      : ['', 'diagnostics', ...outcome.diagnostics.flatMap(diagnosticLines)]),
    ...hintLines(apps, config),
    '',
    'Nothing was changed.',
  ];
}

/** `2 apps` */
export function appsOf(count: number): string {
  return `${count} app${count === 1 ? '' : 's'}`;
}

export function hintLines(apps: Cluster['apps'], { groups }: Config): readonly string[] {
  return groupHints(apps, groups).flatMap((hint) => ['', ...indented(0, hint)]);
}
