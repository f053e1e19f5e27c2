/** Services, pools and diagnostics as text for an 80-column terminal. */
import { wrap } from '../config/help.ts';
import { percent } from '../model/weights.ts';
import { nameOf } from '../plan/reasons.ts';
import { bindsOf } from './planning/changes.ts';
import type { ShownDiagnostic, ShownPool, ShownService } from './planning/shown.ts';

export const columns = 80;

/** Waits until standard output has taken it. A reader such as `head`, who has enough, is no failure. */
export function write(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: NodeJS.ErrnoException | null): void => {
      if (error && error.code !== 'EPIPE') reject(error);
      else resolve();
    };
    process.stdout.once('error', done);
    process.stdout.write(text, done);
  });
}

export function indented(spaces: number, text: string, more = 0): readonly string[] {
  const lines = wrap(text, columns - spaces - more).flatMap((line) => broken(line, columns - spaces - more));
  return lines.map((line, index) => ' '.repeat(spaces + (index === 0 ? 0 : more)) + line);
}

/** A word that is longer than a line goes on in the next. */
function broken(line: string, width: number): readonly string[] {
  return line.length <= width ? [line] : [line.slice(0, width), ...broken(line.slice(width), width)];
}

export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

/** A text behind a head that keeps its width: further lines begin where the text does. */
export function headed(head: string, text: string): readonly string[] {
  const [first = '', ...rest] = indented(head.length, text);
  return [head + first.trimStart(), ...rest];
}

export function serviceLines(service: ShownService): readonly string[] {
  const binds = bindsOf(service);
  const where = binds.length === 0 ? 'no listener' : binds.join(', ');
  return [
    ...indented(0, `service ${nameOf(service.service)} on ${where}: ${service.phase}`, 2),
    ...indented(2, `because ${service.because.text}`, 2),
    ...service.pools.flatMap(poolLines),
  ];
}

function poolLines(pool: ShownPool): readonly string[] {
  const up = pool.endpoints.filter((endpoint) => endpoint.rotation === 'in').length;
  const facts = `priority ${pool.priority}, side ${pool.side}, slot ${pool.slot}, ${up} of ${pool.endpoints.length} up`;
  return [
    ...headed(`  ${percentText(pool.weight).padStart(8)}  `, `${nameOf(pool.app)}  ${pool.state}`),
    ...indented(12, facts),
    ...indented(12, pool.because.text),
  ];
}

/** Of percents, which have two decimals. */
export function percentText(weight: number): string {
  return percent(Math.round(weight * 100));
}

/** Of ISO 8601 in UTC: `2026-11-21 11:27:28 UTC`. */
export function clockText(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

export function diagnosticLines(diagnostic: ShownDiagnostic): readonly string[] {
  const where = [diagnostic.app === null ? null : nameOf(diagnostic.app), diagnostic.label]
    .filter((part) => part !== null)
    .join(' ');
  return [
    ...indented(2, `${diagnostic.severity}: ${where === '' ? diagnostic.code : where}`, 2),
    ...(diagnostic.value === null ? [] : [`    ${cut(`value: ${diagnostic.value}`, columns - 4)}`]),
    ...indented(4, diagnostic.problem),
    ...indented(4, diagnostic.remedy),
  ];
}
