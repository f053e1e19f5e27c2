/** Judges by a query: what Prometheus says now, against limits or against what it says of the old pool. */
import { z } from 'zod';
import type { PrometheusRule } from '../declared/rollout.ts';
import { show } from '../declared/show.ts';
import type { Ask, AskedPool, Measurement, Outcome } from '../plan/asks.ts';
import { type Asker, exchange, shownUrl } from './exchange.ts';
import { queryFor } from './query.ts';

export interface Prometheus {
  readonly url: string;
  /** The instant that is asked about, in seconds: the same for the new and for the old pool. */
  readonly timeSec: number;
}

/** The answer to one query; `none`: there is no data. */
type Said =
  | { readonly kind: 'value'; readonly value: number }
  | { readonly kind: 'none'; readonly why: string }
  | { readonly kind: 'error'; readonly why: string };

const maxBytes = 1_048_576;
const maxShown = 300;

const sample = z.tuple([z.number(), z.string()]);
const good = z.discriminatedUnion('resultType', [
  z.object({ resultType: z.literal('vector'), result: z.array(z.object({ value: sample.optional() })) }),
  z.object({ resultType: z.literal('scalar'), result: sample }),
  z.object({ resultType: z.literal('matrix') }),
  z.object({ resultType: z.literal('string') }),
]);
const answered = z.discriminatedUnion('status', [
  z.object({ status: z.literal('success'), data: good }),
  z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() }),
]);

/** @param at null: Baton was not told of any Prometheus */
export async function measureQuery(
  asker: Asker,
  at: Prometheus | null,
  { service, judged, old }: Ask,
  rule: PrometheusRule,
): Promise<Measurement> {
  const asked = (pool: AskedPool): string => queryFor(rule.query, service, pool);
  const what = show(asked(judged), maxShown);
  const measured = (outcome: Outcome, text: string, value: number | null = null): Measurement => ({
    what,
    outcome,
    text,
    value: value !== null && Number.isFinite(value) ? value : null,
  });
  if (at === null)
    return measured('error', `nobody was asked ${what}: Baton was started without --prometheus`);
  if (rule.againstOld && old === null)
    return measured('inconclusive', 'there is no old pool to compare with');
  const [mine, its] = await Promise.all([
    said(asker, at, asked(judged)),
    rule.againstOld && old !== null ? said(asker, at, asked(old)) : null,
  ]);
  if (mine.kind === 'error') return measured('error', mine.why);
  if (its?.kind === 'error') return measured('error', its.why);
  if (mine.kind === 'none') return measured('inconclusive', mine.why);
  const { value } = mine;
  if (its === null) return measured(...judgedBy(rule, value, 1, String(value), ''), value);
  const of = `the old pool, ${old?.app}`;
  if (its.kind === 'none') return measured('inconclusive', `of ${of}: ${its.why}`, value);
  if (!(its.value > 0 && Number.isFinite(its.value)))
    return measured('inconclusive', `${value}; of ${of}, ${its.value}, there are no multiples`, value);
  const times = Math.round((value / its.value) * 1000) / 1000;
  const text = `${value}, which is ${times} times that of ${of} (${its.value})`;
  return measured(...judgedBy(rule, value, its.value, text, ' times that'), value);
}

function judgedBy(
  { min, max }: PrometheusRule,
  value: number,
  unit: number,
  text: string,
  suffix: string,
): readonly [Outcome, string] {
  const isGood = (min === null || value >= min * unit) && (max === null || value <= max * unit);
  const least = min === null ? null : `at least ${min}${suffix}`;
  const most = max === null ? null : `at most ${max}${suffix}`;
  const limits = [least, most].filter((each) => each !== null).join(' and ');
  return [isGood ? 'success' : 'failure', `${text}; good is ${limits}`];
}

async function said(asker: Asker, { url, timeSec }: Prometheus, query: string): Promise<Said> {
  const target = new URL(url);
  target.pathname = `${target.pathname.replace(/\/+$/, '')}/api/v1/query`;
  target.search = new URLSearchParams({ query, time: timeSec.toFixed(3) }).toString();
  const heard = await exchange(asker, { url: target, post: null, maxBytes });
  const where = `Prometheus (${shownUrl(new URL(url))})`;
  const about = `to ${show(query, maxShown)}`;
  if (heard.status === null) return { kind: 'error', why: `no answer of ${where} ${about}: ${heard.why}` };
  if (!heard.isWhole)
    return { kind: 'error', why: `${where} answered ${about} with more than 1 MiB, or not to the end` };
  const parsed = answered.safeParse(parsedJson(heard.text));
  if (!parsed.success) {
    const came = heard.text === '' ? '' : `: ${show(heard.text, maxShown)}`;
    return {
      kind: 'error',
      why: `${where} answered ${about} with status ${heard.status}, and no result${came}`,
    };
  }
  if (parsed.data.status === 'error') {
    const { errorType, error } = parsed.data;
    return { kind: 'error', why: `${where} answered ${about}: ${show(`${errorType}: ${error}`, maxShown)}` };
  }
  return sampleIn(parsed.data.data, `${where} answered ${about}`);
}

function sampleIn(data: z.output<typeof good>, answer: string): Said {
  if (data.resultType === 'matrix' || data.resultType === 'string') {
    const came = data.resultType === 'matrix' ? 'samples over a time' : 'a text';
    return { kind: 'error', why: `${answer} with ${came}; ask for one sample` };
  }
  if (data.resultType === 'scalar') return valueOf(data.result[1], answer);
  const [first, ...others] = data.result;
  if (first === undefined) return { kind: 'none', why: 'no data: there is no sample' };
  if (others.length > 0) {
    const why = `${answer} with ${data.result.length} samples; aggregate them, for example with sum(...)`;
    return { kind: 'error', why };
  }
  return first.value === undefined
    ? { kind: 'error', why: `${answer} with a histogram; ask for one number of it` }
    : valueOf(first.value[1], answer);
}

/** As Prometheus writes numbers: `NaN`, `+Inf` and `-Inf` among them. */
function valueOf(text: string, answer: string): Said {
  if (text === 'NaN') return { kind: 'none', why: 'no data: it is NaN' };
  const value = Number(text.replace(/^([+-])Inf$/, '$1Infinity'));
  if (Number.isNaN(value))
    return { kind: 'error', why: `${answer} with "${show(text)}", which is no number` };
  return { kind: 'value', value };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
