/** A data plane that does not run what was applied: no move is told, and Baton is not ready. */
import { expect, it } from 'vitest';
import { createMemoryDriver } from '../../src/dataplane/memory/driver.ts';
import { emptyMemory } from '../../src/plan/verdict.ts';
import { until } from '../support/wait.ts';
import { appOf, listenerLabels, startRig } from './rig.ts';

it('is said, until the data plane is in step', async () => {
  const memory = createMemoryDriver({}, { notify: () => {} });
  let isInStep = false;
  const rig = startRig(
    { apps: [], plan: emptyMemory, gateways: [] },
    {
      ...memory,
      verify: (target, signal, scope) =>
        isInStep
          ? memory.verify(target, signal, scope)
          : Promise.resolve({ outcome: 'no', differences: ['app1: weight 0'] }),
    },
  );
  rig.setApps([appOf('app1', listenerLabels)]);
  await until('a difference', () => rig.facts.some((fact) => fact.kind === 'verify-failed'));
  await until(
    'the reason',
    () => rig.controller.state().notReady === 'HAProxy does not run what was applied',
  );
  expect(rig.facts.map((fact) => fact.kind)).not.toContain('traffic-moved');
  isInStep = true;
  await until('readiness', () => rig.controller.state().notReady === null);
  expect(rig.facts.filter((fact) => fact.kind === 'traffic-moved')).toHaveLength(1);
});
