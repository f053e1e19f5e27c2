/** Parts a line of HAProxy's configuration into words, as HAProxy does: what quotes hide is judged like all else. */

/** What a backslash stands before, outside of single quotes, without making another character of it. */
const escapable = ' \\#\'"';

/**
 * The words, quotes and backslashes undone and comments left out. Null for a line that only a trick needs: characters
 * that are not printable, or written as numbers; variables of the environment; quotes that do not end (configuration
 * manual 2.2 and 2.3).
 */
export function wordsOf(line: string): readonly string[] | null {
  if (!/^[\t\u{20}-\u{7e}]*$/u.test(line)) return null;
  const words: string[] = [];
  let word: string | null = null;
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at] ?? '';
    const next = line[at + 1] ?? '';
    if (quote === "'") {
      if (character === "'") quote = '';
      else word += character;
    } else if (character === '\\') {
      if (next === '' || /[xnrt]/.test(next)) return null;
      const isEscaped = escapable.includes(next);
      word = (word ?? '') + (isEscaped ? next : character);
      if (isEscaped) at += 1;
    } else if (character === '$' && /[{A-Za-z_]/.test(next)) {
      return null;
    } else if (character === quote) {
      quote = '';
    } else if (quote === '' && (character === '"' || character === "'")) {
      quote = character;
      word ??= '';
    } else if (quote === '' && character === '#') {
      break;
    } else if (quote === '' && /\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quote !== '') return null;
  return word === null ? words : [...words, word];
}
