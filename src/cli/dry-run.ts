/** `baton run --dry-run`: reads Marathon once and says what Baton would do, with the in-memory data plane. */
import type { Config } from '../config/config.ts';
import { systemClock } from '../controller/clock.ts';
import { drivers } from '../dataplane/drivers.ts';
import { declare } from '../declared/declare.ts';
import type { Declaration, DeclareOptions } from '../declared/types.ts';
import { createMarathonWatch } from '../marathon/create-watch.ts';
import type { Cluster } from '../model/app.ts';
import { plan } from '../plan/plan.ts';
import { emptyMemory, type Verdict } from '../plan/verdict.ts';
import { watchOptions } from './marathon.ts';
import { diagnosticLines, serviceLines } from './text.ts';

/** Turns until the plan stands still: checks pass at the first look, so three are plenty. */
const turns = 3;

/** Exit code 0 when Marathon could be read, 1 when not. */
export async function dryRun(config: Config, options: DeclareOptions, signal: AbortSignal): Promise<number> {
  const cluster = await readOnce(config, signal);
  const declaration = declare(cluster.apps, [], options);
  const verdict = await settle(declaration, cluster, signal);
  const lines = [
    `What Baton would do with the ${cluster.apps.size} apps of ${config.marathon.map((url) => new URL(url).host).join(', ')}:`,
    ...verdict.services.flatMap((service) => ['', ...serviceLines(service)]),
    ...(verdict.services.length === 0 ? ['', 'Nothing: no app declares a service.'] : []),
    ...(declaration.diagnostics.length === 0
      ? []
      : ['', 'diagnostics', ...declaration.diagnostics.flatMap(diagnosticLines)]),
    '',
    'Nothing was changed.',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

async function readOnce(config: Config, signal: AbortSignal): Promise<Cluster> {
  const done = new AbortController();
  const either = AbortSignal.any([signal, done.signal, AbortSignal.timeout(config.requestTimeoutMs)]);
  let failure: Error | null = null;
  const watch = createMarathonWatch({
    ...watchOptions(config),
    wake: () => {
      if (watch.status().syncedAt !== null) done.abort();
    },
    // Somebody sits there and waits: the first list that cannot be read is the answer.
    notify: (notice) => {
      if (notice.kind !== 'sync-failed') return;
      failure = notice.error;
      done.abort();
    },
  });
  await watch.run(either);
  if (watch.status().syncedAt === null)
    throw failure ?? new Error(watch.status().trouble ?? 'Marathon did not answer in time');
  return watch.snapshot();
}

async function settle(declaration: Declaration, cluster: Cluster, signal: AbortSignal): Promise<Verdict> {
  const driver = drivers.memory({}, { notify: () => {} });
  await driver.start(signal);
  let memory = emptyMemory;
  for (let turn = 1; ; turn += 1) {
    const observed = await driver.observe(signal);
    const verdict = plan({ now: systemClock(), services: declaration.services, cluster, observed, memory });
    if (turn === turns) return verdict;
    memory = verdict.memory;
    await driver.apply(verdict.services, signal);
  }
}
