/** `baton delete`: takes a gateway away, or a deployment with its apps. */
import { setTimeout as pause } from 'node:timers/promises';
import { ConfigError } from '../config/error.ts';
import { durationMs } from '../model/duration.ts';
import { nameOf } from '../plan/reasons.ts';
import { textOf } from './definitions/read.ts';
import { askFlags, parseVerbWords } from './flags.ts';
import { login } from './order.ts';
import { batonUrl } from './planning/ask-baton.ts';
import { write } from './text.ts';
import { shownDeployment } from './vamp/artifact.ts';
import { askVamp, nameIn } from './vamp/ask.ts';
import { askHelp } from './vamp/flags.ts';
import { say, sayRefused } from './vamp/show.ts';

const help = `usage: baton delete gateway NAME [flags]
       baton delete deployment NAME [-f FILE] [flags]

Takes a gateway away, or a deployment: its gateways first, then the apps that it
created, which are scaled to 0 and deleted once nobody is led there.

  -f, --file FILE  only the services of this blueprint; their weight must be 0
  --timeout 10m    how long to wait for the apps to be gone; 0s: do not wait
  --validate-only  say whether it would be done, and change nothing
${askHelp}

exit codes
  0  done; also what is not there any more
  1  refused, with the reason; not gone in time; or there is no Baton
  2  the command line makes no sense, or the file cannot be read
`;

const flags = {
  ...askFlags,
  file: { type: 'string', short: 'f' },
  timeout: { type: 'string', default: '10m' },
  by: { type: 'string' },
  'validate-only': { type: 'boolean', default: false },
} as const;

const lookMs = 500;

/** Exit codes as the help says. */
export async function remove(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const { values, words } = parseVerbWords(argv, flags);
  if (values.help) {
    await write(help);
    return 0;
  }
  const [kind, name, ...more] = words;
  if ((kind !== 'gateway' && kind !== 'deployment') || name === undefined || more.length > 0)
    throw new ConfigError('say what to delete: gateway NAME, or deployment NAME');
  if (kind === 'gateway' && values.file !== undefined)
    throw new ConfigError('-f names services of a deployment; a gateway has none');
  const timeoutMs = durationMs(values.timeout);
  if (timeoutMs === null)
    throw new ConfigError(`--timeout is ${values.timeout}; it should be a time such as 5m`);
  const url = batonUrl(values.baton, process.env['BATON_URL']);
  const path = nameIn(kind === 'gateway' ? 'gateways' : 'deployments', name);
  const validateOnly = values['validate-only'];
  const query = { by: values.by ?? login(), validate_only: validateOnly ? 'true' : undefined };
  const body = values.file === undefined ? undefined : await textOf(values.file, signal);
  const asked = { method: 'DELETE', path, query, ...(body !== undefined && { body }) } as const;
  const said = await askVamp(url, asked, signal);
  if (!said.ok) return sayRefused('delete', values.file ?? null, said, values.json);
  const answer = shownDeployment.safeParse(said.body);
  const apps = answer.success ? answer.data.apps : [];
  if (!validateOnly && timeoutMs > 0)
    await gone(url, name, apps, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
  if (values.json) await write(`${JSON.stringify(said.body ?? {}, null, 2)}\n`);
  else {
    const done = validateOnly ? 'would be deleted' : timeoutMs > 0 ? 'is gone' : 'is being deleted';
    await say([
      ...apps.map((app) => `app ${nameOf(app)} ${done}`),
      ...(values.file === undefined ? [`${kind} ${name} ${done}`] : []),
    ]);
  }
  return 0;
}

/** @throws Error when they are not gone before the signal aborts */
async function gone(url: string, name: string, apps: readonly string[], signal: AbortSignal): Promise<void> {
  for (let left = apps; left.length > 0; ) {
    const said = await askVamp(url, { method: 'GET', path: nameIn('deployments', name) }, signal);
    const text = said.ok ? JSON.stringify(said.body) : '';
    left = apps.filter((app) => text.includes(JSON.stringify(app)));
    if (left.length === 0) return;
    if (signal.aborted) throw new Error(`${left.map(nameOf).join(', ')} did not go in the time given`);
    await pause(lookMs, undefined, { signal }).catch(() => {});
  }
}
