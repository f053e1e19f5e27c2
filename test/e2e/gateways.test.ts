/** A gateway of Vamp over VIPs, word for word, through real HAProxy: exact shares, without a reload. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { baton } from '../support/command.ts';
import { freePort } from '../support/free-ports.ts';
import { pipeline, startLoad } from '../support/load.ts';
import { until } from '../support/wait.ts';
import { answering, setStage, type Stage } from './stage.ts';

const gateway = `name: simpleservice
port: 8080/http
routes:
  "[simple-service-1.0.0.marathon.l4lb.thisdcos.directory:3000]":
    weight: 50%
  "[simple-service-1.1.0.marathon.l4lb.thisdcos.directory:3000]":
    weight: 50%
`;
const service = '/gateway/simpleservice';
const [older, newer] = ['simple-service-1.0.0', 'simple-service-1.1.0'] as const;

function app(version: string, instances = 1) {
  return {
    id: `/simple-service-${version}`,
    instances,
    container: {
      type: 'DOCKER',
      docker: {
        image: `magneticio/simpleservice:${version}`,
        network: 'BRIDGE',
        portMappings: [{ containerPort: 3000, labels: { VIP_0: `/simple-service-${version}:3000` } }],
      },
    },
    labels: {
      HAPROXY_0_MODE: 'http',
      HAPROXY_0_VHOST: `simpleservice${version.replaceAll('.', '')}.mycompany.com`,
      HAPROXY_GROUP: 'external',
    },
  };
}

interface Set {
  readonly stage: Stage;
  readonly port: number;
  readonly run: (...argv: readonly string[]) => ReturnType<typeof baton>;
  /** A file with this text. */
  readonly file: (text: string) => Promise<string>;
}

async function set(): Promise<Set> {
  const port = await freePort();
  const stage = await setStage({ flags: ['--map-port', `8080=${port}`, '--map-port', `10099=${port}`] });
  const { url } = await stage.startBaton();
  const directory = await mkdtemp(join(tmpdir(), 'b-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return {
    stage,
    port,
    run: (...argv) => baton(argv, { env: { BATON_URL: url } }),
    async file(text) {
      const path = join(directory, 'file.yaml');
      await writeFile(path, text);
      return path;
    },
  };
}

test('50/50, 90/10 and 0/100 over VIPs: exact, nothing fails, nothing is reloaded', async () => {
  const { stage, port, run, file } = await set();
  await stage.post(app('1.0.0'));
  await stage.post(app('1.1.0'));
  const path = await file(gateway);
  await until('the gateway to be taken', async () => (await run('apply', '-f', path)).status === 0);
  await stage.carried({ [older]: 50, [newer]: 50 }, service);
  const { apps } = await pipeline(port, 10_000);
  expect(Math.abs((apps[older] ?? 0) - 5000)).toBeLessThanOrEqual(10);
  const reloads = await stage.baton().metric('baton_dataplane_reloads_total');
  const load = startLoad(port, { kept: 4, fresh: 2 });
  onTestFinished(async () => void (await load.stop()));
  const vip = (name: string) => `[${name}.marathon.l4lb.thisdcos.directory:3000]`;
  const weights = (a: number, b: number) =>
    run('update-gateway', 'simpleservice', '-w', `${vip(older)}@${a}%,${vip(newer)}@${b}%`);
  expect((await weights(90, 10)).status).toBe(0);
  await stage.carried({ [older]: 90, [newer]: 10 }, service);
  expect((await weights(0, 100)).status).toBe(0);
  await stage.carried({ [newer]: 100 }, service);
  expect(await answering(port, 20)).toEqual({ [`/${newer}`]: 20 });
  expect((await load.stop()).failures).toEqual([]);
  expect(await stage.baton().metric('baton_dataplane_reloads_total')).toBe(reloads);
});
