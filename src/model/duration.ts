/** Durations as people write them: `500ms`, `10s`, `1h30m`. */

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const grammar = /^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/;

/** Milliseconds, or null when the text is no duration. Parts add up; a bare number is none, because its unit is a guess. */
export function parseDuration(text: string): number | null {
  if (text.length > 64 || !grammar.test(text)) return null;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)) {
    total += Number(amount) * (unitsMs[unit ?? ''] ?? Number.NaN);
  }
  return Number.isSafeInteger(Math.round(total)) ? Math.round(total) : null;
}
