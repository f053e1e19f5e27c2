/** A simulator for tests: its API as functions, and every event it published. */
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts';
import { until } from '../support/wait.ts';

// biome-ignore format: one line says it all
export interface Answer<T = Record<string, unknown>> { readonly status: number; readonly headers: Headers; readonly body: T; readonly text: string }

export type SeenEvent = Readonly<Record<string, unknown>> & { readonly eventType: string };

export interface SeenTask {
  readonly id: string;
  readonly appId: string;
  readonly state: string;
  readonly host: string;
  readonly ports: readonly number[];
  readonly servicePorts: readonly number[];
  readonly version?: string;
  readonly startedAt?: string;
  readonly ipAddresses: readonly { readonly ipAddress: string }[];
  readonly healthCheckResults: readonly {
    readonly alive: boolean;
    readonly consecutiveFailures: number;
    readonly lastSuccess?: string | null;
  }[];
}

export interface SeenApp {
  readonly id: string;
  readonly version: string;
  readonly versionInfo: { readonly lastScalingAt: string; readonly lastConfigChangeAt: string };
  readonly instances: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly tasks: readonly SeenTask[];
  readonly deployments: readonly { readonly id: string }[];
  readonly [key: string]: unknown;
}

export interface Rig {
  readonly sim: Simulator;
  readonly events: SeenEvent[];
  call<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<Answer<T>>;
  app(id: string): Promise<SeenApp>;
  /** Posts or puts, and waits until no deployment runs. */
  deploy(method: string, path: string, body?: unknown): Promise<Answer>;
  idle(): Promise<void>;
  /** What was published since the last call. */
  fresh(): readonly SeenEvent[];
}

export async function rig(options: SimulatorOptions = {}): Promise<Rig> {
  const events: SeenEvent[] = [];
  let seen = 0;
  const sim = await startSimulator({
    startDelayMs: 5,
    healthSpeed: 100,
    killGraceMs: 500,
    ...options,
    log(fields, message) {
      if (fields['event'] !== undefined) events.push(fields['event'] as SeenEvent);
      if (fields['err'] !== undefined) throw new Error(message, { cause: fields['err'] });
    },
  });
  async function call<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Answer<T>> {
    const response = await fetch(`${sim.url}${path}`, {
      method,
      ...(body === undefined
        ? {}
        : {
            body: typeof body === 'string' ? body : JSON.stringify(body),
            headers: { 'content-type': 'application/json' },
          }),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.startsWith('application/json') === true;
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: (json && text !== '' ? JSON.parse(text) : null) as T,
    };
  }
  async function idle(): Promise<void> {
    await until(
      'no deployment runs',
      async () => (await call<unknown[]>('GET', '/v2/deployments')).body.length === 0,
      {
        everyMs: 5,
      },
    );
  }
  return {
    sim,
    events,
    call,
    idle,
    app: async (id) => (await call<{ app: SeenApp }>('GET', `/v2/apps${id}`)).body.app,
    async deploy(method, path, body) {
      const answer = await call(method, path, body);
      await idle();
      return answer;
    },
    fresh() {
      const news = events.slice(seen);
      seen = events.length;
      return news;
    },
  };
}

export const httpCheck = {
  protocol: 'HTTP',
  path: '/health',
  gracePeriodSeconds: 5,
  intervalSeconds: 2,
  maxConsecutiveFailures: 3,
};

/** An app with one port on the agent's network and, unless told otherwise, no health check. */
export function appOf(id: string, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { id, cmd: 'serve', instances: 1, cpus: 0.1, mem: 32, ...more };
}

/** A pod of two containers, which have two ports of the agent and one. */
export function podOf(id: string, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    id,
    containers: [
      {
        name: 'web',
        exec: { command: { shell: 'serve' } },
        resources: { cpus: 0.1, mem: 32 },
        endpoints: [{ name: 'http', hostPort: 0 }, { name: 'admin' }],
      },
      { name: 'side', resources: { cpus: 0.2, mem: 64 }, endpoints: [{ name: 'stats', hostPort: 0 }] },
    ],
    scaling: { kind: 'fixed', instances: 1 },
    ...more,
  };
}

/** Type and condition or status, in one word each: what an order of events is asserted on. */
export function outline(events: readonly SeenEvent[]): readonly string[] {
  return events.map((event) => {
    const detail = event['condition'] ?? event['taskStatus'];
    return detail === undefined
      ? event.eventType
      : `${event.eventType} ${JSON.stringify(detail).replaceAll('"', '')}`;
  });
}
