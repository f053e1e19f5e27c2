/** `baton run --shadow --once`: what Baton would do differently from another HAProxy, for people and pipelines. */
import type { Config } from '../../config/config.ts';
import type { ShadowConfig } from '../../config/shadow.ts';
import { placeName, readServers } from '../../dataplane/marathon-lb/statistics.ts';
import { backendNames } from '../../declared/serving/backend-names.ts';
import { pause } from '../../marathon/backoff.ts';
import { keyOf, type ShadowDifference, shadowDifferences } from '../../plan/shadow/differences.ts';
import { expectedBackends } from '../../plan/shadow/expected.ts';
import { declareOptions } from '../declare-options.ts';
import { hostsOf, readOnce } from '../planning/read-once.ts';
import { createRehearsal } from '../planning/rehearsal.ts';
import { write } from '../text.ts';
import { differenceLines } from './text.ts';

/**
 * Exit code 0 without differences, 3 with some: those that two comparisons have found.
 * @throws Error when Marathon or the other HAProxy cannot be read
 */
export async function shadowOnce(config: Config, shadow: ShadowConfig, signal: AbortSignal): Promise<number> {
  let differences = await compare(config, shadow, signal);
  if (differences.length > 0) {
    await pause(shadow.intervalMs, signal);
    const first = new Set(differences.map(keyOf));
    differences = (await compare(config, shadow, signal)).filter((each) => first.has(keyOf(each)));
  }
  const of = placeName(shadow.of);
  await write(
    shadow.json
      ? `${JSON.stringify({ of, differences }, null, 2)}\n`
      : `${differenceLines(hostsOf(config), of, differences).join('\n')}\n`,
  );
  return differences.length === 0 ? 0 : 3;
}

async function compare(
  config: Config,
  { of }: ShadowConfig,
  signal: AbortSignal,
): Promise<readonly ShadowDifference[]> {
  const options = declareOptions(config);
  const cluster = await readOnce(config, signal);
  const seen = await readServers(of, signal);
  const rehearsal = await createRehearsal(options, signal);
  const { verdicts } = await rehearsal.play(cluster, signal);
  return shadowDifferences(expectedBackends(verdicts, backendNames(cluster.apps, options)), seen);
}
