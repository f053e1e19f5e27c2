/** Orders by a person over HTTP. */
import type { BatonProcess } from '../support/baton.ts';

/** @returns the status of the answer */
export async function order(
  baton: BatonProcess,
  service: string,
  verb: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<number> {
  const answer = await fetch(`${baton.url}/v1/services/${service}/${verb}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ by: 'anna', ...more }),
    signal: AbortSignal.timeout(60_000),
  });
  await answer.arrayBuffer();
  return answer.status;
}
