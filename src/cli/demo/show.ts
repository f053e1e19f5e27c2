/** What the audience sees while the story is played: follows Baton's API and the load, and makes the scene of it. */
import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceView } from './baton-view.ts';
import type { Cast } from './cast.ts';
import { createDisplay, type Display, type Output } from './display.ts';
import { type Load, startLoad } from './load.ts';
import { news } from './news.ts';
import type { Mark, Scene } from './screen.ts';
import type { Step } from './story.ts';
import type { Style } from './style.ts';

const serviceName = 'app1';
const lookEveryMs = 100;
/** Reloads are read every so many looks. */
const reloadsEvery = 10;

export interface Show {
  readonly display: Display;
  service(): ServiceView | null;
  load(): Load;
  runningLoad(): Load | null;
  waitingFor(what: () => string): void;
  begin(step: Step): void;
  end(result: string, mark: 'done' | 'failed'): void;
  /** Stops looking and loading. */
  close(): Promise<void>;
}

export interface ShowOptions {
  readonly cast: Cast;
  readonly story: readonly Step[];
  readonly style: Style;
  readonly out: Output;
  readonly term: string | undefined;
}

export function openShow({ cast, story, style, out, term }: ShowOptions): Show {
  const begun = performance.now();
  const steps = story.map(({ title }) => ({ title, mark: 'next' as Mark, result: '' }));
  const closing = new AbortController();
  let at = -1;
  let action = '';
  let waiting = () => '';
  let service: ServiceView | null = null;
  let reloads = 0;
  let load: Load | null = null;

  function scene(): Scene {
    const { requests = 0, failures = 0, latency, lastSecond = {} } = load?.snapshot() ?? {};
    return {
      elapsedMs: performance.now() - begun,
      steps,
      action,
      now: waiting(),
      address: `127.0.0.1:${cast.servicePort}`,
      service,
      lastSecond,
      requests,
      failures,
      p99Ms: latency?.p99 ?? 0,
      reloads,
    };
  }

  const display = createDisplay(out, style, scene, term);

  async function look(): Promise<void> {
    for (let turn = 0; !closing.signal.aborted; turn += 1) {
      const seen = await cast.baton.service(serviceName).catch(() => service);
      for (const line of news(service, seen)) display.event(line);
      service = seen;
      if (turn % reloadsEvery === 0) reloads = await cast.baton.reloads().catch(() => reloads);
      await pause(lookEveryMs, undefined, { signal: closing.signal }).catch(() => {});
    }
  }
  const looking = look();

  return {
    display,
    service: () => service,
    load() {
      load ??= startLoad({ port: cast.servicePort, keepAlive: 4, newConnection: 4 });
      return load;
    },
    runningLoad: () => load,
    waitingFor(what) {
      waiting = what;
    },
    begin(step) {
      at += 1;
      action = step.action;
      const now = steps[at];
      if (now !== undefined) now.mark = 'now';
      display.event(`step ${at + 1} of ${steps.length}: ${step.title}`);
    },
    end(result, mark) {
      const now = steps[at];
      if (now !== undefined) steps[at] = { ...now, mark, result };
    },
    async close() {
      display.freeze();
      closing.abort();
      await looking;
    },
  };
}
