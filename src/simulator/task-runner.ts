/** Runs tasks as real servers in one child process, started with the first task and restarted when it dies. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FromRunner, ToRunner } from './runner-protocol.ts';
import type { TaskCounters, TaskHost, TaskListener } from './task-host.ts';

/** How long the child gets to end by itself, and to answer a question; in ms. */
const patienceMs = 2_000;

export interface TaskRunner extends TaskHost {
  /** The child's process id; null while there is none. */
  pid(): number | null;
}

export function createTaskRunner(listener: TaskListener): TaskRunner {
  /** Tasks that were launched and have not ended, as far as the simulator knows. */
  const known = new Set<string>();
  const questions = new Map<number, (tasks: ReadonlyMap<string, TaskCounters>) => void>();
  let asked = 0;
  let child: ChildProcess | null = null;

  function running(): ChildProcess {
    if (child !== null) return child;
    const started = spawn(
      process.execPath,
      [fileURLToPath(new URL('./runner-process.ts', import.meta.url))],
      {
        detached: true,
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      },
    );
    child = started;
    started.on('message', (message) => hear(message as FromRunner));
    started.on('error', () => lost(started));
    started.on('exit', () => lost(started));
    return started;
  }

  function lost(process: ChildProcess): void {
    if (child !== process) return;
    child = null;
    const victims = [...known];
    known.clear();
    for (const task of victims) listener.ended(task, 'failed', 'Executor terminated');
  }

  function hear(message: FromRunner): void {
    switch (message.type) {
      case 'listening':
        listener.listening(message.task, message.address, message.ports);
        return;
      case 'ended':
        known.delete(message.task);
        listener.ended(message.task, message.how, message.message);
        return;
      case 'counted':
        questions.get(message.question)?.(new Map(message.tasks));
        questions.delete(message.question);
    }
  }

  /** A send that fails is followed by the child's exit, which is handled there. */
  function say(message: ToRunner): void {
    running().send(message, () => {});
  }

  return {
    launch(spec) {
      known.add(spec.id);
      say({ type: 'launch', spec });
    },
    stop: (task, graceMs) => say({ type: 'stop', task, graceMs }),
    crash(task) {
      known.delete(task);
      say({ type: 'crash', task });
    },
    behave: (task, behaviour) => say({ type: 'behave', task, behaviour }),
    counters() {
      if (child === null) return Promise.resolve(new Map());
      asked += 1;
      const question = asked;
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          questions.delete(question);
          resolve(new Map());
        }, patienceMs);
        questions.set(question, (tasks) => {
          clearTimeout(timer);
          resolve(tasks);
        });
        say({ type: 'count', question });
      });
    },
    async close() {
      const ending = child;
      child = null;
      if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return;
      const gone = new Promise<void>((resolve) => void ending.once('exit', () => resolve()));
      const timer = setTimeout(() => ending.kill('SIGKILL'), patienceMs);
      if (ending.connected) ending.disconnect();
      await gone;
      clearTimeout(timer);
    },
    pid: () => child?.pid ?? null,
  };
}
