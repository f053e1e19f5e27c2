/** What Baton would do with a Marathon as it is: `baton run --dry-run`, and the plain `baton plan`. */
import type { Config } from '../../config/config.ts';
import { declareOptions } from '../declare-options.ts';
import { diagnosticLines, serviceLines, write } from '../text.ts';
import { hostsOf, readOnce } from './read-once.ts';
import { createRehearsal, type Outcome } from './rehearsal.ts';

/** Exit code 0 when Marathon could be read; an error, when not. */
export async function dryRun(config: Config, signal: AbortSignal): Promise<number> {
  const cluster = await readOnce(config, signal);
  const rehearsal = await createRehearsal(declareOptions(config), signal);
  const outcome = await rehearsal.play(cluster, signal);
  await write(`${dryRunLines(hostsOf(config), cluster.apps.size, outcome).join('\n')}\n`);
  return 0;
}

export function dryRunLines(hosts: string, apps: number, outcome: Outcome): readonly string[] {
  return [
    `What Baton would do with the ${apps} apps of ${hosts}:`,
    ...outcome.services.flatMap((service) => ['', ...serviceLines(service)]),
    ...(outcome.services.length === 0 ? ['', 'Nothing: no app declares a service.'] : []),
    ...(outcome.diagnostics.length === 0
      ? []
      : ['', 'diagnostics', ...outcome.diagnostics.flatMap(diagnosticLines)]),
    '',
    'Nothing was changed.',
  ];
}
