/** Percentiles of measured times, and the facts about this machine that they mean nothing without. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Times in ms. */
export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Nearest rank: of fewer than a hundred values p99 is the largest. @throws RangeError without any value */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (share: number): number => {
    const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
    if (value === undefined) throw new RangeError('no values');
    return Math.round(value * 100) / 100;
  };
  return { count: sorted.length, p50: rank(0.5), p99: rank(0.99), max: rank(1) };
}

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryMb: number;
  readonly kernel: string;
  /** Load averages of the last minute when the run began: a busy machine measures itself. */
  readonly load: number;
  readonly node: string;
  readonly haproxy: string;
}

export function machineOf(haproxy: string): Machine {
  const cpus = readFileSync('/proc/cpuinfo', 'utf8');
  const version = execFileSync(haproxy, ['-v'], { encoding: 'utf8', timeout: 10_000 });
  return {
    processor: /^(?:model name|CPU part|Processor)\s*: (.*)$/m.exec(cpus)?.[1] ?? 'unknown',
    cores: cpus.match(/^processor\s*:/gm)?.length ?? 1,
    memoryMb: Math.round(
      Number(/^MemTotal:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]) / 1024,
    ),
    kernel: readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim(),
    load: Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0]),
    node: process.version,
    haproxy: /version (\S+)/.exec(version)?.[1] ?? 'unknown',
  };
}

/** Memory of a process in MB: resident now, and the most it ever had. */
export function memoryOf(pid: number): { readonly residentMb: number; readonly peakMb: number } {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mb = (key: string): number =>
    Math.round(Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(text)?.[1]) / 1024);
  return { residentMb: mb('VmRSS'), peakMb: mb('VmHWM') };
}

/** CPU seconds that a process and the children that it has waited for took so far (proc(5), fields 14 to 17, 100 ticks a second). */
export function cpuOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
}
