/** Commands by people, carried out between two turns of the loop, so that no turn overwrites what they decide. */
import type { Millis, ServiceId } from '../model/ids.ts';
import type { Obeyed, Order } from '../plan/command.ts';
import { obey } from '../plan/obey.ts';
import type { ServiceVerdict } from '../plan/verdict.ts';
import { createInbox } from './inbox.ts';
import type { MemoryRecord } from './record.ts';

export interface Orders {
  /** Resolves when it has been carried out as far as deciding goes, and is saved. */
  give(order: Order): Promise<Obeyed>;
  /** Takes what was given until now. Resolves to the services that are to be planned anew. */
  takeAll(now: Millis, services: readonly ServiceVerdict[]): Promise<ReadonlySet<ServiceId>>;
  /** Nobody will take what is given from now on. */
  close(): void;
}

export function createOrders(
  record: Pick<MemoryRecord, 'planned' | 'put'>,
  wake: () => void,
  told: (order: Order, obeyed: Obeyed) => void,
): Orders {
  const inbox = createInbox<Order, Obeyed>(wake, (problem) => ({ outcome: 'refused', problem }));

  async function take(now: Millis, services: readonly ServiceVerdict[], order: Order): Promise<Obeyed> {
    const verdict = services.find(({ service }) => service === order.service);
    const [memory] = record.planned(new Set([order.service])).services;
    if (memory === undefined) return { outcome: 'unknown' };
    if (verdict === undefined)
      return { outcome: 'refused', problem: 'its apps are not known before Marathon has been read' };
    const { command, by, why } = order;
    const obeyed = obey({ now, command, by, why, verdict, memory });
    if (obeyed.outcome === 'refused') return obeyed;
    await record.put(obeyed.memory);
    return { outcome: 'done', text: obeyed.text };
  }

  return {
    give: (order) => inbox.give(order),
    async takeAll(now, services) {
      const due = new Set<ServiceId>();
      // One after the other: the second may be about what the first has decided.
      for (const { asked: order, answer } of inbox.take()) {
        const obeyed = await take(now, services, order);
        if (obeyed.outcome === 'done') due.add(order.service);
        told(order, obeyed);
        answer(obeyed);
      }
      return due;
    },
    close: () => inbox.close(),
  };
}
