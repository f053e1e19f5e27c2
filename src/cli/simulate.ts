/** The verb `baton simulate`: a Marathon to play with, in this terminal. */
import { ConfigError } from '../config/error.ts';
import { type MarathonVersion, marathonVersions } from '../simulator/dialect.ts';
import type { FaultOrder } from '../simulator/faults-schema.ts';
import type { SimulatorAuth } from '../simulator/gate.ts';
import { startSimulator } from '../simulator/simulator.ts';
import { faultOf } from './fault-words.ts';
import { parseVerbFlags } from './flags.ts';
import { authFlags, authOf } from './simulate-auth.ts';

const help = `usage: baton simulate [flags]

A simulated Marathon: its HTTP API, its event stream, and tasks that are
real HTTP servers on this machine. Nothing is installed and nothing is kept:
stop it with Ctrl-C and all is gone.

  --host HOST         address to listen on (127.0.0.1)
  --port PORT         port to listen on; 0 takes a free one (8080)
  --marathon-version V
                      whose API, events and ids: 1.4, 1.7 or 1.10 (1.10)
  --nodes N           so many nodes, on this port and those after it (1)
  --health-speed N    makes health checks N times as fast (1)
  --tasks KIND        real: HTTP servers; addresses: nothing listens, for
                      clusters of thousands of tasks (real)
  --start-delay MS    from TASK_STARTING to TASK_RUNNING (100)
  --auth KIND         whom /v2 lets in: basic (a password), token, or dcos
                      (the login of DC/OS); with --auth-user USER:PASSWORD,
                      --auth-token TOKEN, --auth-account UID:PUBLIC_KEY_FILE,
                      and --auth-life SECONDS of tokens (432000)
  --fault 'KIND K=V'  a bad day from the start on; may be repeated
  --seed N            what faults draw their chances from (1)
  -h, --help          this text

Try it, in another terminal:
  M=http://127.0.0.1:8080
  J='content-type: application/json'
  curl -X POST -H "$J" $M/v2/apps -d '{"id": "hello", "instances": 2,
    "cmd": "serve", "healthChecks": [{"protocol": "HTTP", "path": "/",
    "gracePeriodSeconds": 5, "intervalSeconds": 10}]}'
  curl $M/v2/apps/hello      its tasks, with host and ports
  curl -N -H 'Accept: text/event-stream' $M/v2/events    what happens
  curl http://127.0.0.1:PORT/      a task: says its app, version and id

Trouble on demand, for an app or a task (ids as in /v2/tasks):
  curl $M/_sim/tasks      requests served, sessions in use
  curl -X PUT -H "$J" $M/_sim/apps/hello/behaviour -d '{"unhealthy": true}'
    probes fail, requests are served; also "unready": true (readiness
    checks fail), "requests": "fail", "latencyMs": 250, "errorRate": 0.05
  curl -X POST $M/_sim/apps/hello/crash      kill -9 on all its tasks
  curl -X POST -H "$J" $M/_sim/tasks/TASK/crash -d '{"silent": true}'
    dead, and Marathon does not know yet
  curl -X POST $M/_sim/tasks/TASK/notice      now it does
  curl -X POST $M/_sim/agent/unreachable      Mesos loses sight of its tasks;
    and then agent/reachable

Bad days of Marathon itself (docs/simulator.md has them all):
  curl -X PUT -H "$J" $M/_sim/faults -d '{"kind": "hang-stream"}'
  curl -X DELETE $M/_sim/faults
  baton simulate --fault 'slow ms=500 route=/v2/apps*' --fault repeat-events

A version that is born bad says so in its definition's "env":
  SIM_UNHEALTHY=true    SIM_REQUESTS=fail    SIM_LATENCY_MS=250
  SIM_ERROR_RATE=0.1    SIM_START_DELAY_MS=5000    SIM_UNREADY=true
  SIM_STRICT_HEALTH_PATH=true
    probes of a path that its checks do not name get 404
`;

const flags = {
  host: { type: 'string', default: '127.0.0.1' },
  port: { type: 'string', default: '8080' },
  'marathon-version': { type: 'string', default: '1.10' },
  nodes: { type: 'string', default: '1' },
  'health-speed': { type: 'string', default: '1' },
  tasks: { type: 'string', default: 'real' },
  'start-delay': { type: 'string', default: '100' },
  ...authFlags,
  fault: { type: 'string', multiple: true },
  seed: { type: 'string', default: '1' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/**
 * Runs until the signal aborts.
 * @returns the exit code: 0 after a stop, 1 when it cannot listen, 2 for wrong arguments
 */
export async function simulate(argv: readonly string[], signal: AbortSignal): Promise<number> {
  try {
    const options = optionsOf(argv);
    if (options === 'help') {
      process.stdout.write(help);
      return 0;
    }
    const simulator = await startSimulator(options);
    for (const fault of options.faults) simulator.faults.set(fault);
    process.stdout.write(greeting(simulator.urls, options));
    if (!signal.aborted) {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    }
    await simulator.close();
    return 0;
  } catch (error) {
    process.stderr.write(`baton simulate: ${messageOf(error)}\n`);
    if (!(error instanceof ConfigError)) return 1;
    process.stderr.write("See 'baton simulate --help'.\n");
    return 2;
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? error.code : null;
  if (code === 'EADDRINUSE') return 'the port is taken; choose another --port, or 0 for a free one';
  if (code === 'EADDRNOTAVAIL') return 'this machine does not have that address; choose another --host';
  return error.message;
}

interface SimulateOptions {
  readonly host: string;
  readonly port: number;
  readonly marathonVersion: MarathonVersion;
  readonly nodes: number;
  readonly healthSpeed: number;
  readonly tasks: 'real' | 'addresses';
  readonly startDelayMs: number;
  readonly seed: number;
  readonly auth?: SimulatorAuth;
  readonly faults: readonly FaultOrder[];
}

function optionsOf(argv: readonly string[]): SimulateOptions | 'help' {
  const values = parseVerbFlags(argv, flags);
  if (values.help) return 'help';
  const { host, tasks } = values;
  if (tasks !== 'real' && tasks !== 'addresses') {
    throw new ConfigError(`--tasks must be 'real' or 'addresses', not '${tasks}'`);
  }
  const marathonVersion = marathonVersions.find((each) => each === values['marathon-version']);
  if (marathonVersion === undefined) {
    throw new ConfigError(
      `--marathon-version must be one of ${marathonVersions.join(', ')}, not '${values['marathon-version']}'`,
    );
  }
  const auth = authOf(values);
  return {
    host,
    tasks,
    marathonVersion,
    ...(auth === undefined ? {} : { auth }),
    port: numberOf('--port', values.port, { least: 0, most: 65_535, whole: true }),
    nodes: numberOf('--nodes', values.nodes, { least: 1, most: 9, whole: true }),
    healthSpeed: numberOf('--health-speed', values['health-speed'], {
      least: 0.01,
      most: 1_000,
      whole: false,
    }),
    faults: faultsOf(values.fault ?? []),
    seed: numberOf('--seed', values.seed, { least: 0, most: 2_147_483_647, whole: true }),
    startDelayMs: numberOf('--start-delay', values['start-delay'], {
      least: 0,
      most: 3_600_000,
      whole: true,
    }),
  };
}

/** Two of one kind get names, so that the second does not take the place of the first. */
function faultsOf(texts: readonly string[]): readonly FaultOrder[] {
  const faults: FaultOrder[] = [];
  for (const text of texts) {
    try {
      const fault = faultOf(text);
      const same = faults.filter(({ kind }) => kind === fault.kind).length;
      faults.push(
        same === 0 || fault.id !== undefined ? fault : { ...fault, id: `${fault.kind}-${same + 1}` },
      );
    } catch (error) {
      throw new ConfigError(`--fault: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return faults;
}

function numberOf(
  flag: string,
  text: string,
  range: { readonly least: number; readonly most: number; readonly whole: boolean },
): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value >= range.least && value <= range.most) || (range.whole && !Number.isInteger(value))) {
    const kind = range.whole ? 'a whole number' : 'a number';
    throw new ConfigError(`${flag} must be ${kind} from ${range.least} to ${range.most}, not '${text}'`);
  }
  return value;
}

function greeting(urls: readonly string[], options: SimulateOptions): string {
  const speed =
    options.healthSpeed === 1
      ? ''
      : `Health checks run ${options.healthSpeed} times as fast as their definitions say.\n`;
  const tasks = options.tasks === 'real' ? '' : 'Tasks are addresses only: nothing listens on them.\n';
  const auth = options.auth === undefined ? '' : `Who reads /v2 must log in (${options.auth.kind}).\n`;
  const faults =
    options.faults.length === 0 ? '' : `A bad day: ${options.faults.map(({ kind }) => kind).join(', ')}.\n`;
  return `A simulated Marathon ${options.marathonVersion} listens on ${urls.join(', ')}\n${speed}${tasks}${auth}${faults}Press Ctrl-C to stop it. 'baton simulate --help' shows what to try.\n`;
}
