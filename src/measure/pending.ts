/** Asks an instance how many operations it has in progress: a number, a key of JSON, or a metric in Prometheus's text. */
import type { PendingRule } from '../declared/rollout.ts';
import { show } from '../declared/show.ts';
import type { Ask, Measurement } from '../plan/asks.ts';
import { type Asker, exchange } from './exchange.ts';

const maxBytes = 1_000_000;

export async function measurePending(
  asker: Asker,
  { host, port, rule }: NonNullable<Ask['pending']>,
): Promise<Measurement> {
  const name = host.includes(':') ? `[${host}]` : host;
  const url = new URL(`http://${name}:${port}${rule.path}`);
  const what = `pending operations at ${url.href}`;
  const heard = await exchange(asker, { url, post: null, maxBytes });
  if (heard.status === null) return error(what, `no answer: ${heard.why}`);
  if (heard.status !== 200) return error(what, `answered ${heard.status}, and not 200`);
  if (!heard.isWhole) return error(what, `answered with more than ${maxBytes} bytes`);
  const value = numberIn(heard.text, rule);
  if (value === null) {
    const wanted = rule.name === null ? 'no number' : `nothing named ${show(rule.name)}`;
    return error(what, `there is ${wanted} in its answer: ${show(heard.text, 100)}`);
  }
  const outcome = value === 0 ? 'success' : 'failure';
  return { what, outcome, text: `${value} in progress`, value };
}

function error(what: string, text: string): Measurement {
  return { what, outcome: 'error', text, value: null };
}

function numberIn(text: string, { name }: PendingRule): number | null {
  const trimmed = text.trim();
  if (name === null) return numeric(trimmed);
  return trimmed.startsWith('{') ? keyIn(trimmed, name) : metricIn(trimmed, name);
}

function numeric(text: string): number | null {
  const value = text === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}

function keyIn(text: string, name: string): number | null {
  try {
    const value = (JSON.parse(text) as Readonly<Record<string, unknown>>)[name];
    return typeof value === 'number' && Number.isFinite(value) ? value : null;
  } catch {
    return null;
  }
}

/** All samples of the metric together. */
function metricIn(text: string, name: string): number | null {
  let sum: number | null = null;
  for (const line of text.split('\n')) {
    const sample = /^([A-Za-z_:][A-Za-z0-9_:]*)(?:\{.*\})?\s+(\S+)/.exec(line);
    if (sample?.[1] !== name) continue;
    const value = numeric(sample[2] ?? '');
    if (value === null) return null;
    sum = (sum ?? 0) + value;
  }
  return sum;
}
