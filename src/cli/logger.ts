/** The logger: JSON lines, or readable ones on a terminal. */
import { destination, type Logger, pino } from 'pino';
import type { Config } from '../config/config.ts';

export interface LoggerOptions {
  readonly level: string;
  readonly format: 'auto' | 'json' | 'pretty';
  /** File descriptor: 1 is standard output. */
  readonly fd: number;
  readonly isTerminal: boolean;
}

/** Lines that wait for a reader who does not read, in bytes; then newer ones are dropped. */
const largestBacklog = 8 * 1024 * 1024;

/**
 * Lines are handed to the system at once, and what is left at the end of the process. A reader of standard output who
 * does not read holds back the lines and never the traffic: a synchronous write would sleep on a full pipe.
 */
export async function createLogger({ level, format, fd, isTerminal }: LoggerOptions): Promise<Logger> {
  const base = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  if (format === 'json' || (format === 'auto' && !isTerminal))
    return pino(base, destination({ fd, sync: false, maxLength: largestBacklog }));
  // Only for people: where a machine reads, it costs a start what all the rest of logging does.
  const { default: pretty } = await import('pino-pretty');
  return pino(
    base,
    pretty({
      destination: fd,
      sync: true,
      translateTime: 'SYS:HH:MM:ss',
      hideObject: true,
      messageFormat: readable,
      colorize: isTerminal,
    }),
  );
}

/** The log of a Baton, on standard output. */
export async function loggerFor({
  logLevel,
  logFormat,
}: Pick<Config, 'logLevel' | 'logFormat'>): Promise<Logger> {
  return await createLogger({
    level: logLevel,
    format: logFormat,
    fd: 1,
    isTerminal: process.stdout.isTTY,
  });
}

const hidden = new Set(['level', 'time', 'msg']);

/** The message with short fields behind it, and each text on a line of its own. */
export function readable(record: Readonly<Record<string, unknown>>, messageKey: string): string {
  const short: string[] = [];
  const texts: string[] = [];
  for (const [name, value] of Object.entries(record)) {
    if (hidden.has(name) || value === null || value === undefined) continue;
    const text = plainly(value);
    if (typeof value === 'string' && /\s/.test(text)) texts.push(`\n    ${name}: ${text}`);
    else short.push(` ${name}=${text}`);
  }
  return `${String(record[messageKey])}${short.length === 0 ? '' : ' '}${short.join('')}${texts.join('')}`;
}

/** Lists by commas, objects as `{/app1: 20 %, /app1-100: 80 %}`. */
function plainly(value: unknown): string {
  if (Array.isArray(value)) return value.map(plainly).join(', ');
  if (typeof value !== 'object' || value === null) return String(value);
  return `{${Object.entries(value)
    .map(([name, part]) => `${name}: ${plainly(part)}`)
    .join(', ')}}`;
}
