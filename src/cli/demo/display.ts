/** Where the demo shows itself: a screen that redraws in place on a terminal, plain lines everywhere else. */
import { renderScreen, type Scene, screenLines } from './screen.ts';
import type { Style } from './style.ts';

export interface Display {
  /** Something happened. */
  event(text: string): void;
  /** Lines that stay. */
  print(lines: readonly string[]): void;
  /** From now on only lines: leaves the last screen standing. */
  freeze(): void;
}

export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

const drawEveryMs = 200;
const leastColumns = 80;

/** ECMA-48: cursor up, to the line's start; erase to its end; erase below; hide and show the cursor (DEC private mode 25). */
const up = (lines: number) => `\r\u001B[${lines}A`;
const eraseLine = '\u001B[K';
const eraseBelow = '\u001B[J';
const hideCursor = '\u001B[?25l';
const showCursor = '\u001B[?25h';

/** A terminal that is smaller than the screen, also later on, gets plain lines. */
export function createDisplay(
  out: Output,
  style: Style,
  scene: () => Scene,
  term: string | undefined,
): Display {
  const begun = performance.now();
  let live = out.isTTY === true && term !== 'dumb' && fits(out);
  let drawn = false;
  const timer = live ? setInterval(draw, drawEveryMs) : undefined;
  if (live) process.once('exit', onExit);

  function draw(): void {
    if (!live) return;
    if (!fits(out)) {
      freeze();
      return;
    }
    const lines = renderScreen(scene(), style).map((line) => `${line}${eraseLine}\n`);
    out.write(`${hideCursor}${drawn ? up(screenLines) : ''}${lines.join('')}${eraseBelow}`);
    drawn = true;
  }

  function freeze(): void {
    if (!live) return;
    clearInterval(timer);
    if (fits(out)) draw();
    live = false;
    out.write(showCursor);
    process.off('exit', onExit);
  }

  function onExit(): void {
    out.write(showCursor);
  }

  return {
    event(text) {
      if (live) return;
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      out.write(`${seconds.padStart(5)} s  ${text}\n`);
    },
    print(lines) {
      freeze();
      out.write(`${lines.join('\n')}\n`);
    },
    freeze,
  };
}

function fits({ columns = 0, rows = 0 }: Output): boolean {
  return columns >= leastColumns && rows > screenLines;
}
