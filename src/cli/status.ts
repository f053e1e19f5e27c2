/** The verb `baton status`: whether a running Baton is in step, and what is wrong. */
import { nameOf } from '../plan/reasons.ts';
import { askFlags, parseVerbFlags } from './flags.ts';
import { askDiagnostics, askServices, askStatus, batonUrl } from './planning/ask-baton.ts';
import { diagnosticsLines } from './planning/plan-text.ts';
import type { ShownService } from './planning/shown.ts';
import { indented, write } from './text.ts';
import { movingLines } from './transition-text.ts';

const help = `usage: baton status [flags]

Asks a running Baton whether it is ready, how it stands with Marathon, what
its services are doing, which transitions are under way or were sent back, and
what is wrong with labels.

  --baton URL    by the address of its --listen [BATON_URL]
                 (http://127.0.0.1:8090)
  --json         the same as JSON
  -h, --help     this text

exit codes
  0  it is ready
  1  it is not, or there is none
  2  the command line makes no sense
`;

/** Exit codes as the help says. */
export async function status(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const values = parseVerbFlags(argv, askFlags);
  if (values.help) {
    await write(help);
    return 0;
  }
  const url = batonUrl(values.baton, process.env['BATON_URL']);
  const [{ value, at }, { value: services }, diagnostics] = await Promise.all([
    askStatus(url, signal),
    askServices(url, signal),
    askDiagnostics(url, signal),
  ]);
  const { ready, notReady, marathon } = value;
  const phases = Map.groupBy(services, ({ phase }) => phase);
  if (values.json) {
    const counts = Object.fromEntries([...phases].map(([phase, list]) => [phase, list.length]));
    const body = {
      baton: url,
      ready,
      notReady,
      marathon,
      services: services.length,
      phases: counts,
      diagnostics,
    };
    await write(`${JSON.stringify(body, null, 2)}\n`);
  } else {
    const lines = [
      ...indented(
        0,
        `Baton at ${url}: ${ready ? 'ready' : `not ready: ${notReady ?? 'it does not say why'}`}`,
        2,
      ),
      ...indented(2, `Marathon: ${marathonText(marathon, at)}`, 2),
      ...serviceLines(services.length, phases),
      ...movingLines(services, at),
      ...(diagnostics.length === 0 ? ['  no diagnostics'] : diagnosticsLines(diagnostics)),
    ];
    await write(`${lines.join('\n')}\n`);
  }
  return ready ? 0 : 1;
}

function marathonText(
  { connected, syncedAt, trouble }: { connected: boolean; syncedAt: string | null; trouble: string | null },
  at: number | null,
): string {
  const synced =
    syncedAt === null ? 'never read yet' : `last read ${ago((at ?? Date.now()) - Date.parse(syncedAt))}`;
  return `${connected ? 'connected' : 'not connected'}, ${synced}${trouble === null ? '' : `; ${trouble}`}`;
}

/** Its `Date` header counts whole seconds, so it may be a moment before the read. */
function ago(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s ago`;
  return seconds < 7200 ? `${Math.floor(seconds / 60)} min ago` : `${Math.floor(seconds / 3600)} h ago`;
}

/** One line a phase; those that are settled are counted, the others named. */
function serviceLines(
  count: number,
  phases: ReadonlyMap<string, readonly ShownService[]>,
): readonly string[] {
  const lines = [...phases]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([phase, list]) => {
      const names = list.slice(0, 10).map(({ service }) => nameOf(service));
      const more = list.length > names.length ? ` and ${list.length - names.length} more` : '';
      return indented(
        4,
        `${list.length} ${phase}${phase === 'settled' ? '' : `: ${names.join(', ')}${more}`}`,
        2,
      );
    });
  return [`  ${count} ${count === 1 ? 'service' : 'services'}${count === 0 ? '' : ':'}`, ...lines];
}
