/** How the demo's output looks: colours and glyphs that the terminal can show, and numbers as people read them. */

export interface Style {
  readonly paint: Readonly<Record<Colour, (text: string) => string>>;
  readonly glyphs: Glyphs;
}

type Colour = 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan';

export interface Glyphs {
  readonly full: string;
  readonly empty: string;
  readonly rule: string;
  readonly done: string;
  readonly now: string;
  readonly next: string;
  readonly failed: string;
  readonly arrow: string;
}

const unicode: Glyphs = {
  full: '█',
  empty: '░',
  rule: '─',
  done: '✓',
  now: '▶',
  next: '·',
  failed: '✗',
  arrow: '→',
};
const ascii: Glyphs = {
  full: '#',
  empty: '.',
  rule: '-',
  done: 'v',
  now: '>',
  next: '.',
  failed: 'x',
  arrow: '->',
};

/** SGR codes of ECMA-48. */
const codes: Readonly<Record<Colour, number>> = { bold: 1, dim: 2, green: 32, yellow: 33, red: 31, cyan: 36 };

export function createStyle(options: { readonly colour: boolean; readonly unicode: boolean }): Style {
  const paint = (colour: Colour) => (text: string) =>
    options.colour ? `\u001B[${codes[colour]}m${text}\u001B[0m` : text;
  return {
    paint: {
      bold: paint('bold'),
      dim: paint('dim'),
      green: paint('green'),
      yellow: paint('yellow'),
      red: paint('red'),
      cyan: paint('cyan'),
    },
    glyphs: options.unicode ? unicode : ascii,
  };
}

/** No colour without a terminal or with NO_COLOR (no-color.org); letters only where the locale is not UTF-8. */
export function styleFor(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): Style {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find(
    (value) => value !== undefined && value !== '',
  );
  return createStyle({
    colour: isTerminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb',
    unicode: /utf-?8/i.test(locale ?? ''),
  });
}

/** 12345 as `12,345`. */
export function grouped(count: number): string {
  return String(Math.round(count)).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** Of a part of 1: `99.95 %`; a whole share only when it is whole. */
export function sharePercent(part: number): string {
  return `${(Math.floor(part * 10_000 + 1e-9) / 100).toFixed(2)} %`;
}

/** Milliseconds as `12 ms`, `0.91 s` or `10.2 s`. */
export function duration(ms: number): string {
  return ms < 100 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 9995 ? 2 : 1)} s`;
}

/** At most so many characters; what is cut off leaves a sign. */
export function fit(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 2))}..`;
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}
