/** The configuration in which words of labels are tried, and whom HAProxy's complaints about it blame. */
import { complaintsIn } from './trial.ts';

export type Lines = readonly string[];

const longestWords = 300;

/** The same words may be good in one mode and not in the other; which one the service has does not matter here. */
export function configurationFor(texts: readonly Lines[]): string {
  return [...beginning, ...texts.flatMap(backendsFor), ''].join('\n');
}

const beginning: Lines = [
  'defaults',
  '  mode http',
  '  timeout connect 1s',
  '  timeout client 1s',
  '  timeout server 1s',
  'frontend :check',
  '  bind 127.0.0.1:1',
];

function backendsFor(lines: Lines, at: number): Lines {
  return ['http', 'tcp'].flatMap((mode) => [
    `backend :${mode}:${at}`,
    `  mode ${mode}`,
    ...lines.map((line) => `  ${line}`),
  ]);
}

/** The texts that HAProxy's complaints are about, by the line or the backend that they name, each with the first of them. */
export function blamedIn(why: string, texts: readonly Lines[]): ReadonlyMap<Lines, string> {
  const ofLine = [
    ...beginning.map(() => -1),
    ...texts.flatMap((text, at) => backendsFor(text, at).map(() => at)),
  ];
  const blamed = new Map<Lines, string>();
  for (const { words, line } of complaintsIn(why)) {
    // After 50 it gives up, at a line that may be good.
    if (words.includes('too many fatal errors')) continue;
    const backend = /':(?:http|tcp):(\d+)'/.exec(words)?.[1];
    const at = line === null ? Number(backend ?? -1) : (ofLine[line - 1] ?? -1);
    const text = texts[at];
    if (text !== undefined && !blamed.has(text)) blamed.set(text, wordsIn(words));
  }
  return blamed;
}

/** HAProxy's first complaint, without the file and the backend that were made for the trial. */
export function wordsIn(why: string): string {
  const [first = ''] = why.split('\n');
  return first
    .replace(/^parsing \[[^\]]*\]\s*:\s*/, '')
    .replace(/ (?:in|of) (?:backend|proxy) ':(?:http|tcp):\d+'/g, '')
    .slice(0, longestWords);
}
