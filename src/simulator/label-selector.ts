/** The `label` filter of /v2/apps: `a, b==v, c!=v, d in (x, y), e notin (x)`, where a comma means and. */
import { unprocessable } from './api-error.ts';

/** After Marathon's `LabelSelectorParsers`; other characters need a backslash. */
const term = String.raw`(?:\\.|[-A-Za-z0-9_.])+`;
const tokens = new RegExp(String.raw`\s*(==|!=|[(),]|${term})`, 'y');
const isTerm = new RegExp(`^${term}$`);

type Selector = (labels: Readonly<Record<string, string>>) => boolean;

/** @throws ApiError 422 for what is no selector */
export function labelSelector(text: string): Selector {
  const words = wordsOf(text);
  const selectors: Selector[] = [];
  let at = 0;

  function take(expected?: string): string {
    const word = words[at];
    if (word === undefined || (expected === undefined ? !isTerm.test(word) : word !== expected)) {
      throw wrong(text, word === undefined ? 'it ends too early' : `'${word}' is not expected there`);
    }
    at += 1;
    return expected === undefined ? word.replaceAll(/\\(.)/g, '$1') : word;
  }

  function set(): ReadonlySet<string> {
    const values = new Set<string>();
    take('(');
    while (words[at] !== ')') {
      values.add(take());
      if (words[at] !== ')') take(',');
    }
    take(')');
    return values;
  }

  function one(): Selector {
    const key = take();
    const operator = words[at];
    if (operator === undefined || operator === ',') return (labels) => key in labels;
    at += 1;
    // The negative ones, too, want the key to be there.
    switch (operator) {
      case '==':
        return equals(key, take());
      case '!=':
        return differs(key, new Set([take()]));
      case 'in':
        return isIn(key, set());
      case 'notin':
        return differs(key, set());
      default:
        throw wrong(text, `'${operator}' is no operator`);
    }
  }

  do {
    if (selectors.length > 0) take(',');
    selectors.push(one());
  } while (at < words.length);
  return (labels) => selectors.every((selector) => selector(labels));
}

function equals(key: string, value: string): Selector {
  return (labels) => labels[key] === value;
}

function isIn(key: string, values: ReadonlySet<string>): Selector {
  return (labels) => key in labels && values.has(labels[key] ?? '');
}

function differs(key: string, values: ReadonlySet<string>): Selector {
  return (labels) => key in labels && !values.has(labels[key] ?? '');
}

function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  const rest = text.trimEnd();
  tokens.lastIndex = 0;
  while (tokens.lastIndex < rest.length) {
    const from = tokens.lastIndex;
    const word = tokens.exec(rest)?.[1];
    if (word === undefined) throw wrong(text, `'${rest.slice(from).trim()}' cannot be read`);
    words.push(word);
  }
  return words;
}

function wrong(text: string, reason: string): Error {
  return unprocessable(`Can not parse label selector ${text}. Reason: ${reason}`);
}
