/** The image and the Marathon app that runs it agree with each other and with what Baton understands. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startFlags, startVariables } from '../../src/cli/heap.ts';
import { readConfig } from '../../src/config/config.ts';
import { optionTable } from '../../src/config/options.ts';
import { checkout } from '../support/planted.ts';

const dockerfile = readFileSync(join(checkout, 'Dockerfile'), 'utf8').replaceAll(/\\\n/g, ' ');
const manifest = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')));
const app = z
  .object({
    instances: z.number(),
    container: z.object({
      docker: z.object({ image: z.string() }),
      volumes: z.array(z.object({ containerPath: z.string() })),
    }),
    networks: z.array(z.object({ mode: z.string() })),
    requirePorts: z.boolean(),
    portDefinitions: z.array(z.object({ port: z.number(), name: z.string() })),
    env: z.record(z.string(), z.string()),
    healthChecks: z.array(z.object({ path: z.string(), portIndex: z.number() })),
    upgradeStrategy: z.object({ minimumHealthCapacity: z.number(), maximumOverCapacity: z.number() }),
    taskKillGracePeriodSeconds: z.number(),
  })
  .parse(JSON.parse(readFileSync(join(checkout, 'deploy/marathon/baton.json'), 'utf8')));

const imageEnv = Object.fromEntries(
  linesOf('ENV').flatMap((line) =>
    line.split(/\s+/).map((pair) => [keyOf(pair), pair.slice(keyOf(pair).length + 1)]),
  ),
);

describe('the image', () => {
  it('starts `baton run` under tini, not as root', () => {
    expect(linesOf('USER')).toEqual(['baton']);
    expect(JSON.parse(linesOf('ENTRYPOINT')[0] ?? '')).toEqual([
      '/usr/bin/tini',
      '--',
      'node',
      ...startFlags,
      '/opt/baton/main.js',
    ]);
    expect(imageEnv).toMatchObject(startVariables);
    expect(readFileSync(join(checkout, 'src/main.ts'), 'utf8').split('\n')[0]).toBe(
      `#!/usr/bin/env -S node ${startFlags.join(' ')}`,
    );
    expect(JSON.parse(linesOf('CMD')[0] ?? '')).toEqual(['run']);
    expect(existsSync(join(checkout, 'src/main.ts'))).toBe(true);
  });

  it('brings the Node that package.json asks for', () => {
    expect(new Set(linesOf('FROM').map((line) => line.split(' ')[0]))).toEqual(
      new Set(['node:24-bookworm-slim']),
    );
  });

  it('copies only what the build context lets through', () => {
    const allowed = readFileSync(join(checkout, '.dockerignore'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const copied = linesOf('COPY')
      .filter((line) => !line.startsWith('--from='))
      .flatMap((line) => line.split(/\s+/).slice(0, -1));
    expect(new Set(copied)).toEqual(new Set(allowed));
  });
});

describe('the app', () => {
  it('runs this version of the image', () => {
    expect(app.container.docker.image).toBe(`baton:${manifest.version}`);
  });

  it('has the ports of the image, on the host itself', () => {
    const exposed = (linesOf('EXPOSE')[0] ?? '').split(/\s+/).map(Number);
    expect(app.portDefinitions.map(({ port }) => port)).toEqual(exposed);
    expect(app.networks).toEqual([{ mode: 'host' }]);
    expect(app.requirePorts).toBe(true);
  });

  it('keeps the state directory outside the container', () => {
    expect(app.container.volumes.map(({ containerPath }) => containerPath)).toEqual(linesOf('VOLUME'));
    expect(app.env['BATON_STATE_DIR']).toBe(linesOf('VOLUME')[0]);
  });

  it('leaves its ports before the next one takes them', () => {
    expect(app.instances).toBe(1);
    expect(app.upgradeStrategy).toEqual({ minimumHealthCapacity: 0, maximumOverCapacity: 0 });
  });

  it('names only variables that Baton knows', () => {
    const known = optionTable.map(({ env }) => env);
    const named = [...Object.keys(app.env), ...Object.keys(imageEnv)].filter((name) =>
      name.startsWith('BATON_'),
    );
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('configures Baton: bound, its health where Marathon asks, and time enough to stop', () => {
    const config = readConfig([], {
      env: { ...imageEnv, ...app.env },
      home: '/var/lib/baton',
      isRoot: false,
      isProcessOne: false,
    });
    const checked = app.healthChecks.map(({ path, portIndex }) => ({
      path,
      port: app.portDefinitions[portIndex]?.port,
    }));
    expect(config.haproxy).toBe('bound');
    expect(checked).toEqual([{ path: '/healthz', port: config.listen.port }]);
    expect(app.taskKillGracePeriodSeconds * 1000).toBeGreaterThan(config.stopGraceMs + config.stopTimeoutMs);
  });
});

/** The arguments of each line of the Dockerfile that begins with an instruction. */
function linesOf(instruction: string): readonly string[] {
  return dockerfile
    .split('\n')
    .filter((line) => line.startsWith(`${instruction} `))
    .map((line) => line.slice(instruction.length + 1).trim());
}

function keyOf(pair: string): string {
  return pair.slice(0, pair.indexOf('='));
}
