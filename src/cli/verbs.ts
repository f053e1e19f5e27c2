/** The verbs of the command line, and what happens to signals and errors. */
import { wrap } from '../config/help.ts';
import { nearest } from '../model/nearest.ts';
import type { Command } from '../plan/command.ts';
import { version } from './version.ts';

type Verb = (argv: readonly string[], signal: AbortSignal) => Promise<number>;

interface VerbEntry {
  readonly load: () => Promise<Verb>;
  readonly summary: string;
}

async function ordering(verb: Command['verb']): Promise<Verb> {
  return (await import('./order.ts')).ordering(verb);
}

/** Loaded when asked for: `baton stop` needs no simulator. */
export const verbs: Readonly<Record<string, VerbEntry>> = {
  run: { load: async () => (await import('./run.ts')).run, summary: 'follow Marathon and steer HAProxy' },
  stop: {
    load: async () => (await import('./stop.ts')).stop,
    summary: 'end the HAProxy that a detached Baton left running',
  },
  lint: {
    load: async () => (await import('./lint.ts')).lint,
    summary: 'say what app definitions would become, offline',
  },
  plan: {
    load: async () => (await import('./plan.ts')).plan,
    summary: 'say what Baton would change now, or if this were posted',
  },
  explain: {
    load: async () => (await import('./explain.ts')).explain,
    summary: 'say who carries a service, and why',
  },
  status: {
    load: async () => (await import('./status.ts')).status,
    summary: 'say whether a running Baton is in step',
  },
  history: {
    load: async () => (await import('./history.ts')).history,
    summary: 'say what has happened to a service',
  },
  promote: {
    load: () => ordering('promote'),
    summary: 'take a transition on to its next step, or to the end',
  },
  pause: { load: () => ordering('pause'), summary: 'hold a transition where it is' },
  resume: { load: () => ordering('resume'), summary: 'let it go on' },
  abort: { load: () => ordering('abort'), summary: 'send the new version back, now' },
  retry: { load: () => ordering('retry'), summary: 'let a version that was sent back try again' },
  weight: { load: () => ordering('weight'), summary: 'set the share of a pool by hand' },
  rollback: { load: () => ordering('rollback'), summary: 'bring the previous version back' },
  apply: {
    load: async () => (await import('./apply.ts')).apply,
    summary: 'take over a gateway or a blueprint of Vamp',
  },
  gateways: {
    load: async () => (await import('./gateways.ts')).gateways,
    summary: 'say which gateways there are, and who carries them',
  },
  'update-gateway': {
    load: async () => (await import('./update-gateway.ts')).updateGateway,
    summary: "set weights of a gateway's routes, or a condition",
  },
  delete: {
    load: async () => (await import('./delete.ts')).remove,
    summary: 'take a gateway or a deployment away',
  },
  demo: {
    load: async () => (await import('./demo/demo.ts')).demo,
    summary: 'show it all on this machine, in about a minute',
  },
  simulate: {
    load: async () => (await import('./simulate.ts')).simulate,
    summary: 'a Marathon to rehearse with',
  },
};

const width = 2 + Math.max(...Object.keys(verbs).map(({ length }) => length));

const usage = `baton ${version}: hands live traffic from one version of a Marathon app to the next

usage: baton VERB [flags]

${Object.entries(verbs)
  .map(([verb, { summary }]) => `  ${verb.padEnd(width)}${summary}`)
  .join('\n')}
  ${'version'.padEnd(width)}print the version

baton VERB --help tells more.
`;

/** Exit codes: 0 done, 1 failed, 2 the command line makes no sense; `baton plan` and a shadow have one more. */
export async function main(argv: readonly string[]): Promise<number> {
  const [verb, ...rest] = argv;
  if (verb === 'help' && rest[0] !== undefined) return await main([rest[0], '--help']);
  if (verb === undefined || verb === 'help' || verb === '--help' || verb === '-h') {
    process.stdout.write(usage);
    return verb === undefined ? 2 : 0;
  }
  if (verb === 'version' || verb === '--version') {
    process.stdout.write(`${version}\n`);
    return 0;
  }
  const entry = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  if (entry === undefined) {
    const meant = nearest(verb, Object.keys(verbs));
    process.stderr.write(
      `baton: there is no verb ${verb}${meant === null ? '' : `; did you mean ${meant}?`}\n\n${usage}`,
    );
    return 2;
  }
  try {
    return await (await entry.load())(rest, abortOnSignals());
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${forReader(`baton ${verb}: ${message}`)}\n`);
    if (!isUsageError(error)) return 1;
    process.stderr.write(`See 'baton ${verb} --help'.\n`);
    return 2;
  }
}

/** A terminal would break words; for a program a message is one line. What is longer by itself stays whole, to be copied. */
function forReader(message: string): string {
  const { isTTY, columns } = process.stderr;
  return isTTY ? wrap(message, columns || 80).join('\n') : message;
}

function isUsageError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'config-invalid';
}

/** The first SIGTERM or SIGINT asks for an orderly stop; the second ends at once. */
function abortOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort(new Error(name));
    });
  }
  return controller.signal;
}
