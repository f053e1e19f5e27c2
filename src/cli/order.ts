/** The verbs that order something of a running Baton: promote, pause, resume, abort, retry, weight, rollback. */
import { userInfo } from 'node:os';
import { ConfigError } from '../config/error.ts';
import { appId } from '../model/ids.ts';
import type { Command } from '../plan/command.ts';
import { nameOf } from '../plan/reasons.ts';
import { askFlags, parseVerbWords } from './flags.ts';
import { askServices, batonUrl, giveOrder } from './planning/ask-baton.ts';
import { findServices, onlyOne } from './planning/find-service.ts';
import { indented, write } from './text.ts';

type Verb = Command['verb'];

const words: Readonly<Record<Verb, { readonly usage: string; readonly about: string }>> = {
  promote: {
    usage: 'SERVICE',
    about: `Takes the transition of a service on to its next step, whatever the present
one still waits for; with --full to the end.`,
  },
  pause: {
    usage: 'SERVICE',
    about: 'Holds the transition of a service where it is until somebody resumes it.',
  },
  resume: {
    usage: 'SERVICE',
    about: 'Lets the transition of a service go on, or weights that were set by hand go.',
  },
  abort: {
    usage: 'SERVICE',
    about: `Sends the new version back: the weights from before come back at once, and it
takes nothing until its configuration changes or somebody retries.`,
  },
  retry: {
    usage: 'SERVICE',
    about: 'Lets versions that were sent back try again, from the first step.',
  },
  weight: {
    usage: 'SERVICE POOL=PERCENT',
    about: `Gives one pool this share of the service's traffic, 0 to 100, and the others the
rest. A transition that is under way is paused; resume lets both go.`,
  },
  rollback: {
    usage: 'SERVICE',
    about: `Brings the previous complete version back, while it still has endpoints; during
a transition that is what abort does.`,
  },
};

const flags = {
  ...askFlags,
  why: { type: 'string' },
  by: { type: 'string' },
} as const;

function help(verb: Verb): string {
  const { usage, about } = words[verb];
  return `usage: baton ${verb} [flags] ${usage}

${about}
SERVICE is the id of a service, or of an app that is a pool of one.

${verb === 'promote' ? '  --full         to the end, without the steps between\n' : ''}  --why TEXT     the reason; it is kept in the history and shown to others
  --by NAME      who orders it (the name of this login)
  --baton URL    by the address of its --listen [BATON_URL]
                 (http://127.0.0.1:8090)
  --json         the answer as JSON
  -h, --help     this text

exit codes
  0  done
  1  refused, with the reason; or there is no such service, or no Baton
  2  the command line makes no sense
`;
}

/** The verb's own function. Exit codes as its help says. */
export function ordering(verb: Verb) {
  return async (argv: readonly string[], signal: AbortSignal): Promise<number> => {
    const full = verb === 'promote' ? ({ full: { type: 'boolean', default: false } } as const) : {};
    const { values, words: given } = parseVerbWords(argv, { ...flags, ...full });
    if (values.help) {
      await write(help(verb));
      return 0;
    }
    const [name, ...more] = given;
    if (name === undefined)
      throw new ConfigError('SERVICE is missing; it should be the id of a service or an app');
    const details = detailsOf(verb, more, values);
    const url = batonUrl(values.baton, process.env['BATON_URL']);
    const { value: services } = await askServices(url, signal);
    const found = findServices(`Baton at ${url}`, services, name);
    onlyOne(found, name);
    const [{ service }] = found;
    const body = {
      ...details,
      by: values.by ?? login(),
      ...(values.why === undefined ? {} : { why: values.why }),
    };
    const answer = await giveOrder(url, { service, verb }, body, signal);
    const isDone = 'done' in answer;
    if (values.json) await write(`${JSON.stringify(answer, null, 2)}\n`);
    else if (isDone) await write(`${indented(0, `${nameOf(service)}: ${answer.done}`, 2).join('\n')}\n`);
    else throw new Error(answer.message);
    return isDone ? 0 : 1;
  };
}

function detailsOf(
  verb: Verb,
  more: readonly string[],
  values: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const [share, ...rest] = more;
  if (verb === 'weight') {
    if (share === undefined) throw new ConfigError('POOL=PERCENT is missing, for example app1-100=20');
    if (rest.length > 0)
      throw new ConfigError('one POOL=PERCENT is set at a time; the others share the rest');
    return weightOf(share);
  }
  if (share !== undefined) throw new ConfigError(`one SERVICE at a time, and ${more.length + 1} are given`);
  return verb === 'promote' ? { full: values['full'] === true } : {};
}

function weightOf(text: string): { readonly pool: string; readonly percent: number } {
  const match = /^([^=]+)=(\d{1,3}(?:\.\d{1,2})?)%?$/.exec(text);
  const percent = Number(match?.[2]);
  if (match?.[1] === undefined || !(percent <= 100)) {
    throw new ConfigError(
      `${JSON.stringify(text)} is no share; it should be POOL=PERCENT, 0 to 100 with two decimals at most, for example app1-100=20`,
    );
  }
  return { pool: appId(match[1]), percent };
}

/** In a container a user may have a number and no name. */
export function login(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
}
