/** A real Prometheus for tests, where there is one: on the PATH, or fetched by `.ci/prometheus`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from './free-ports.ts';
import { checkout } from './planted.ts';
import { until } from './wait.ts';

/** The program; null where there is none. */
export function findPrometheus(): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), join(checkout, '.cache/prometheus')];
  return folders.map((folder) => join(folder, 'prometheus')).find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Starts it with nothing but one target, which it scrapes each 100 ms.
 * @param target `host:port` of what serves `/metrics`
 */
export async function startPrometheus(
  program: string,
  target: string,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'b-'));
  const file = join(folder, 'prometheus.yml');
  await writeFile(
    file,
    `scrape_configs: [{job_name: t, scrape_interval: 100ms, scrape_timeout: 100ms, static_configs: [{targets: ["${target}"]}]}]`,
  );
  const place = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    program,
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${place}`,
      '--log.level=error',
    ],
    { stdio: 'ignore' },
  );
  const ended = once(child, 'exit');
  const url = `http://${place}`;
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await until('Prometheus is ready', async () => (await fetch(`${url}/-/ready`)).ok);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}
