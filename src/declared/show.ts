/** Making users' values fit to be read: cut to a length, with everything invisible made visible. */

/** How many characters of a value a diagnostic shows. */
const readable = 80;

// Controls, invisible and direction-changing characters, line separators, lone surrogates, the byte order mark.
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u00a0]/u;

/** The text, control characters escaped as JSON would (`\n`, `\u001b`), cut after about `limit` characters. */
export function show(text: string, limit: number = readable): string {
  let shown = '';
  // No more than `limit` characters can be shown, and none takes more than two code units.
  for (const character of text.slice(0, 2 * limit + 2)) {
    if (shown.length >= limit) return `${shown}…`;
    shown += invisible.test(character) ? escaped(character) : character;
  }
  return shown;
}

/** The part of a long text around an offset, made readable. */
export function showAround(text: string, offset: number): string {
  if (text.length <= readable) return show(text);
  const start = Math.max(0, Math.min(offset - readable / 2, text.length - readable));
  return `${start > 0 ? '…' : ''}${show(text.slice(start))}`;
}

/** What a value is, in a few words: `"ten"`, `-5`, `a list`. Never looks into lists and objects, however deep. */
export function describe(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'string') return `"${show(value, 40)}"`;
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'null';
}

/** `a, b and 3 more`. */
export function listed(names: readonly string[], limit: number): string {
  const head = names.slice(0, limit).join(', ');
  return names.length > limit ? `${head} and ${names.length - limit} more` : head;
}

function escaped(character: string): string {
  const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
  const known = short[character];
  if (known !== undefined) return known;
  let units = '';
  for (let at = 0; at < character.length; at += 1) {
    units += `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
  }
  return units;
}
