/**
 * The program of the process that runs all tasks. It lives in a process group of its own, so that a simulator that
 * hangs leaves the tasks serving; and it ends with the simulator, because then the channel to it closes.
 */
import type { FromRunner, ToRunner } from './runner-protocol.ts';
import type { Ending } from './task-host.ts';
import { startTask, type TaskServer } from './task-server.ts';

const tasks = new Map<string, TaskServer>();
/** Tasks that are to end although they do not listen yet. */
const endEarly = new Set<string>();
const starting = new Set<string>();
let addresses = 0;

function say(message: FromRunner): void {
  if (process.connected) process.send?.(message);
}

function ended(task: string, how: Ending, message: string): void {
  tasks.delete(task);
  starting.delete(task);
  endEarly.delete(task);
  say({ type: 'ended', task, how, message });
}

async function take(message: ToRunner): Promise<void> {
  switch (message.type) {
    case 'launch':
      return launch(message);
    case 'stop': {
      const task = tasks.get(message.task);
      if (task === undefined && starting.has(message.task)) {
        endEarly.add(message.task);
        return;
      }
      await task?.stop(message.graceMs);
      return ended(message.task, 'killed', 'Command terminated with signal Terminated');
    }
    case 'crash':
      if (starting.has(message.task)) endEarly.add(message.task);
      tasks.get(message.task)?.crash();
      tasks.delete(message.task);
      return;
    case 'behave':
      tasks.get(message.task)?.behave(message.behaviour);
      return;
    case 'count':
      say({
        type: 'counted',
        question: message.question,
        tasks: [...tasks].map(([id, task]) => [id, task.counters()] as const),
      });
  }
}

async function launch({ spec }: Extract<ToRunner, { type: 'launch' }>): Promise<void> {
  starting.add(spec.id);
  try {
    const task = await startTask(spec, spec.host ?? ownAddress());
    tasks.set(spec.id, task);
    starting.delete(spec.id);
    if (endEarly.has(spec.id)) {
      task.crash();
      return ended(spec.id, 'killed', '');
    }
    say({ type: 'listening', task: spec.id, address: task.address, ports: task.ports });
  } catch (error) {
    ended(spec.id, 'failed', error instanceof Error ? error.message : String(error));
  }
}

/** The next address of the loopback network, as a container network gives each task its own. */
function ownAddress(): string {
  addresses += 1;
  const n = addresses % 0x3e_ff_ff;
  return `127.${64 + (n >> 16)}.${(n >> 8) & 255}.${n & 255 || 1}`;
}

process.on('disconnect', () => process.exit(0));
process.on('message', (message) => void take(message as ToRunner));
