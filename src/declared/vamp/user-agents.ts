/** The browsers that Vamp's conditions may name, and by what in `User-Agent` they are told. */
import type { Condition } from './condition.ts';

export interface Browser {
  readonly name: string;
  /** One of these words is there. */
  readonly any: readonly string[];
  /** All of these are there, too. */
  readonly all: readonly string[];
  /** None of these is there: other browsers that claim to be this one, as they all do. */
  readonly none: readonly string[];
}

/**
 * `Edg` is how every Edge spells itself (`Edge/12`, `Edg/117`, `EdgA/`, `EdgiOS/`), always beside `Chrome` or `Safari`.
 * Chrome's header says `Safari`, but not `Version`; that of a web view inside an Android app says all three. Internet
 * Explorer 11 says `Trident` and no longer `MSIE`. Other browsers built upon Chromium count as Chrome.
 */
export const browsers: readonly Browser[] = [
  { name: 'Chrome', any: ['Chrome'], all: [], none: ['Edg'] },
  { name: 'Firefox', any: ['Firefox'], all: [], none: [] },
  { name: 'Edge', any: ['Edg'], all: [], none: [] },
  { name: 'Safari', any: ['Safari'], all: ['Version'], none: ['Chrome', 'Edg'] },
  { name: 'IE', any: ['MSIE', 'Trident'], all: [], none: ['Edg'] },
];

/** The browser of that name, in any case; null when it names none. */
export function browserNamed(text: string): Browser | null {
  return browsers.find(({ name }) => name.toLowerCase() === text.toLowerCase()) ?? null;
}

/** What a condition means that names a browser; any other text is looked for as it is. */
export function userAgentCondition(text: string): Condition {
  const browser = browserNamed(text);
  if (browser === null) return contains(text);
  const [first, ...others] = browser.any.map(contains);
  if (first === undefined) return contains(text);
  const isOne: Condition = others.length === 0 ? first : { kind: 'or', operands: [first, ...others] };
  const rest = [
    ...browser.all.map(contains),
    ...browser.none.map((word): Condition => ({ kind: 'not', operand: contains(word) })),
  ];
  return rest.length === 0 ? isOne : { kind: 'and', operands: [isOne, ...rest] };
}

function contains(value: string): Condition {
  return { kind: 'user-agent', value };
}
