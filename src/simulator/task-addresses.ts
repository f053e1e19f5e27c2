/** Tasks that are only addresses: nothing listens, so that a cluster may have ten thousands of them. */
import type { TaskHost, TaskListener } from './task-host.ts';
import type { Timers } from './timers.ts';

/** Mesos's default port range of an agent. */
const ports = { first: 31_000, last: 65_000 };

/** `host` is the address of every task; its ports are handed out in turn. */
export function createTaskAddresses(host: string, listener: TaskListener, timers: Timers): TaskHost {
  let next = ports.first;
  const port = (): number => {
    const given = next;
    next = next === ports.last ? ports.first : next + 1;
    return given;
  };
  return {
    launch(spec) {
      const given = spec.ports.map((wanted) => (wanted === 0 ? port() : wanted));
      timers.after(0, () => listener.listening(spec.id, host, given));
    },
    stop(task) {
      timers.after(0, () => listener.ended(task, 'killed', 'Command terminated with signal Terminated'));
    },
    crash() {},
    behave() {},
    counters: () => Promise.resolve(new Map()),
    close: () => Promise.resolve(),
  };
}
