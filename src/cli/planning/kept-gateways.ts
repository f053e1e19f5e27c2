/** The gateways that a running Baton keeps, so that a plan knows what labels do not say. */
import { z } from 'zod';
import { parseGateways } from '../../declared/vamp/gateway-parse.ts';
import type { Gateway } from '../../declared/vamp/gateway.ts';
import { askVamp } from '../vamp/ask.ts';
import { BatonAwayError } from './ask-baton.ts';

const shown = z.array(z.looseObject({ metadata: z.looseObject({ created: z.string().optional() }) }));

/**
 * None of a shadow, which keeps none.
 * @throws BatonAwayError that says what to check
 */
export async function askGateways(url: string, signal: AbortSignal): Promise<readonly Gateway[]> {
  const said = await askVamp(url, { method: 'GET', path: 'gateways' }, signal);
  if (!said.ok && said.status === 409) return [];
  if (!said.ok) throw new Error(said.message);
  const artifacts = shown.safeParse(said.body);
  if (artifacts.success && artifacts.data.length === 0) return [];
  // Whether HAProxy's own words are taken is for the flags of the plan to say.
  const parsed = parseGateways(JSON.stringify(said.body), { allowTemplates: true });
  if (!artifacts.success || !parsed.ok)
    throw new BatonAwayError(`${url} has gateways that no Baton of this version keeps`);
  return parsed.gateways.map((gateway, index): Gateway => {
    const created = artifacts.data[index]?.metadata.created;
    return { ...gateway, ...(created !== undefined && { createdAt: created }) };
  });
}
