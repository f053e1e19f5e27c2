/** Where a cluster's labels lead, played through to the end on the data plane that only remembers. */
import { serviceView } from '../../api/view.ts';
import { systemClock } from '../../controller/clock.ts';
import { withExternals } from '../../controller/externals.ts';
import { drivers } from '../../dataplane/drivers.ts';
import { declare } from '../../declared/declare.ts';
import type { DeclareOptions, Diagnostic, RememberedApp } from '../../declared/types.ts';
import type { Gateway } from '../../declared/vamp/gateway.ts';
import type { Cluster } from '../../model/app.ts';
import { type Millis, millis } from '../../model/ids.ts';
import { noNews, plan } from '../../plan/plan.ts';
import { emptyMemory, type Memory, type ServiceVerdict } from '../../plan/verdict.ts';
import type { ShownService } from './shown.ts';

export interface Outcome {
  readonly services: readonly ShownService[];
  readonly verdicts: readonly ServiceVerdict[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface Rehearsal {
  /** Lets the cluster take the place of the one before, as after a change in Marathon. */
  play(cluster: Cluster, signal: AbortSignal): Promise<Outcome>;
}

/** Observe, become ready, enter, drain, be gone; and one to see that it stands still. */
const turns = 6;
/** So much passes from turn to turn that no `ready.for` and no `drain.timeout` of sense is still running. */
const turnMs = 3_600_000;

/**
 * Starts with nothing on the data plane and in memory; each play goes on from the one before.
 * @param kept gateways, beside what labels declare
 */
export async function createRehearsal(
  options: DeclareOptions,
  signal: AbortSignal,
  kept: readonly Gateway[] = [],
): Promise<Rehearsal> {
  const driver = drivers.memory({}, { notify: () => {} });
  await driver.start(signal);
  let memory: Memory = emptyMemory;
  let remembered: readonly RememberedApp[] = [];
  let gateways = kept;
  let now: Millis = systemClock();
  return {
    async play(read, signal) {
      const declaration = declare(read.apps, remembered, options, gateways);
      ({ remembered, gateways } = declaration);
      const cluster = withExternals(read, declaration.externals);
      for (let turn = 1; ; turn += 1) {
        const observed = await driver.observe(signal);
        const verdict = plan({ now, services: declaration.services, cluster, observed, memory, ...noNews });
        ({ memory } = verdict);
        now = millis(now + turnMs);
        if (turn === turns) {
          const services = verdict.services.map((service) => serviceView(service, undefined));
          return { services, verdicts: verdict.services, diagnostics: declaration.diagnostics };
        }
        await driver.apply(verdict.services, signal);
      }
    },
  };
}
