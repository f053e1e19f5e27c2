/** The logger: JSON lines, or readable ones on a terminal. */
import { destination, type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

export interface LoggerOptions {
  readonly level: string;
  readonly format: 'auto' | 'json' | 'pretty';
  /** File descriptor: 1 is standard output. */
  readonly fd: number;
  readonly isTerminal: boolean;
}

/** Lines are written at once: what was logged before a kill -9 is there. */
export function createLogger({ level, format, fd, isTerminal }: LoggerOptions): Logger {
  const base = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  if (format === 'json' || (format === 'auto' && !isTerminal))
    return pino(base, destination({ fd, sync: true }));
  return pino(
    base,
    pretty({
      destination: fd,
      sync: true,
      translateTime: 'SYS:HH:MM:ss',
      singleLine: true,
      colorize: isTerminal,
    }),
  );
}
