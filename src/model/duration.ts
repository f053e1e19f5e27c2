/** The one grammar of durations, in labels and flags: `500ms`, `30s`, `10m`, `1h30m`, `2d`. */

const grammar = /^(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?(?:(\d{1,9})ms)?$/;
const unitMs = [86_400_000, 3_600_000, 60_000, 1000, 1];
const longestMs = 365 * 86_400_000;

/** A duration in milliseconds, 0 to one year; null when the text is none. Units from large to small, each once. */
export function durationMs(text: string): number | null {
  if (text === '' || text.length > 60) return null;
  const match = grammar.exec(text);
  if (match === null) return null;
  const total = unitMs.reduce((sum, unit, index) => sum + unit * Number(match[index + 1] ?? 0), 0);
  return total <= longestMs ? total : null;
}
