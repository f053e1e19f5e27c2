/** Times as `datetime.isoformat` of Python writes them, with or without a zone. */

const grammar =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:Z|([+-])(\d\d):?(\d\d))?$/;

/**
 * Milliseconds since the Unix epoch, microseconds as a fraction; null when the text is no such time. Without a zone it
 * counts as UTC: what one program wrote on one machine keeps its order.
 */
export function isoTime(text: string): number | null {
  const match = text.length > 40 ? null : grammar.exec(text);
  if (match === null) return null;
  const at = (group: number): number => Number(match[group] ?? 0);
  const [year, month, day, hour, minute, second] = [at(1), at(2), at(3), at(4), at(5), at(6)];
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null;
  if (hour > 23 || minute > 59 || second > 59 || at(9) > 14 || at(10) > 59) return null;
  const offset = (match[8] === '-' ? -1 : 1) * (at(9) * 60 + at(10));
  const minutes = (daysSinceEpoch(year, month, day) * 24 + hour) * 60 + minute - offset;
  return (minutes * 60 + second + Number(`0.${match[7] ?? 0}`)) * 1000;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function daysSinceEpoch(year: number, month: number, day: number): number {
  let days = day - 1;
  for (let before = 1; before < month; before += 1) days += daysIn(year, before);
  const leaps = (last: number): number =>
    Math.floor(last / 4) - Math.floor(last / 100) + Math.floor(last / 400);
  return days + (year - 1970) * 365 + leaps(year - 1) - leaps(1969);
}
