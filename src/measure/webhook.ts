/** Judges by a webhook: it is told how the transition stands, and says by its status whether that is good. */
import type { WebhookRule } from '../declared/rollout.ts';
import { show } from '../declared/show.ts';
import type { Ask, Measurement } from '../plan/asks.ts';
import { type Asker, exchange, shownUrl } from './exchange.ts';

/** Enough to show why it refuses. */
const maxBytes = 4096;

export async function measureWebhook(
  asker: Asker,
  { url: text, onError }: WebhookRule,
  told: Ask['told'],
): Promise<Measurement> {
  if (!URL.canParse(text))
    return { what: 'webhook', outcome: 'error', text: 'the address of the webhook is no URL', value: null };
  const url = new URL(text);
  const what = `webhook ${shownUrl(url)}`;
  const heard = await exchange(asker, { url, post: JSON.stringify(told), maxBytes });
  if (heard.status !== null && heard.status >= 200 && heard.status < 300)
    return { what, outcome: 'success', text: `${what} answered ${heard.status}`, value: heard.status };
  return {
    what,
    outcome: onError === 'abort' ? 'failure' : 'inconclusive',
    text:
      heard.status === null
        ? `no answer of ${what}: ${heard.why}`
        : `${what} answered ${heard.status}, and not 2xx${reason(heard.text)}`,
    value: heard.status,
  };
}

function reason(text: string): string {
  const said = text.trim();
  return said === '' ? '' : `: ${show(said, 200)}`;
}
