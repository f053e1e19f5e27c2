/** What holds of a service at rest: time and counters alone change nothing, so its verdict may be kept. */
import { isDeepStrictEqual } from 'node:util';
import { millis } from '../../../src/model/ids.ts';
import type { ObservedService } from '../../../src/plan/observed.ts';
import { plan } from '../../../src/plan/plan.ts';
import { isAtRest, runsTheSame } from '../../../src/plan/rest.ts';
import type { Turned } from './stage.ts';

const laterMs = 3_600_000;

export function checkAtRest({ input, verdict }: Turned): void {
  for (const [at, before] of verdict.services.entries()) {
    const memory = verdict.memory.services[at];
    const given = input.memory.services.find((each) => each.service === before.service);
    if (memory === undefined || !isAtRest(before, memory) || !isDeepStrictEqual(memory, given)) continue;
    const seen = input.observed.services.get(before.service);
    const now = seen === undefined ? seen : countedOn(seen);
    if (!runsTheSame(seen, now)) throw new Error('counters are taken for what the data plane runs');
    const later = plan({
      ...input,
      now: millis(input.now + laterMs),
      services: input.services.filter(({ id }) => id === before.service),
      observed: { services: new Map(now === undefined ? [] : [[before.service, now]]) },
    });
    const kept = { services: [before], memory: { services: [memory] } };
    if (!isDeepStrictEqual(later, kept))
      throw new Error(
        `at rest: ${before.service} an hour later: ${JSON.stringify(later)}\nnot ${JSON.stringify(kept)}`,
      );
  }
}

function countedOn(service: ObservedService): ObservedService {
  return {
    ...service,
    slots: service.slots.map((slot) => ({
      ...slot,
      requests: slot.requests + 100,
      errors: slot.errors + 10,
      durations: slot.durations.map((count) => count + 1),
    })),
  };
}
