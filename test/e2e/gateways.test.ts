/** A gateway of Vamp over VIPs, word for word, through real HAProxy: exact shares, without a reload. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { simpleservice } from '../declared/vamp/simpleservice.ts';
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
  const { apps } = await pipeline(port, 2_000);
  expect(Math.abs((apps[older] ?? 0) - 1000)).toBeLessThanOrEqual(4);
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

test('the blueprint, word for word: 3 + 1 instances, 8 and 2 of 10; a version more, and all gone', async () => {
  const { stage, port, run, file } = await set();
  const blueprint = await file(simpleservice);
  const [old, canary] = ['0.9', '1.0'].map(
    (version) => `simpleservice/simpleservice/simpleservice-${version}`,
  );
  await until('the blueprint to be taken', async () => {
    const { status, stdout } = await run('apply', '-f', blueprint, '--as', 'simpleservice');
    return status === 0 && stdout.includes('created');
  });
  await stage.carried({ [old ?? '']: 80, [canary ?? '']: 20 }, '/gateway/simpleservice/simpleservice/port');
  const { pools } = await stage.baton().service('/gateway/simpleservice/simpleservice/port');
  expect(pools.map(({ endpoints }) => endpoints.length)).toEqual([3, 1]);
  expect(await answering(port, 10)).toEqual({ [`/${old}`]: 8, [`/${canary}`]: 2 });
  const again = await run('apply', '-f', blueprint, '--as', 'simpleservice');
  expect(again).toMatchObject({ status: 0, stdout: 'gateway simpleservice/simpleservice/port is there\n' });
  const gone = await run('delete', 'deployment', 'simpleservice');
  expect(gone).toMatchObject({ status: 0, stderr: '' });
  const apps = (await (await fetch(`${stage.simulator.url}/v2/apps`)).json()) as { apps: unknown[] };
  expect(apps.apps).toEqual([]);
  expect(await stage.baton().services()).toEqual([]);
});

test('a route that is deployed and not healthy takes nothing, and the others serve meanwhile', async () => {
  const { stage, port, run, file } = await set();
  const healthChecks = [
    { protocol: 'HTTP', path: '/health', portIndex: 0, intervalSeconds: 1, gracePeriodSeconds: 1 },
  ];
  await stage.post({ ...app('1.0.0'), healthChecks });
  await stage.post({ ...app('1.1.0'), healthChecks, env: { SIM_UNHEALTHY: 'true' } });
  const path = await file(gateway);
  await until('the gateway to be taken', async () => (await run('apply', '-f', path)).status === 0);
  await stage.carried({ [older]: 100 }, service);
  const { pools } = await stage.baton().service(service);
  expect(pools.find(({ app }) => app === `/${newer}`)).toMatchObject({ ready: false, weight: 0 });
  const { apps, failures } = await pipeline(port, 500);
  expect({ apps, failures }).toEqual({ apps: { [older]: 500 }, failures: [] });
  const { stdout } = await run('gateways');
  expect(stdout).toContain(`now: ${older} 100 %`);
});

test('a selector makes routes as versions come and go, and the history tells what became of them', async () => {
  const { stage, port, run, file } = await set();
  const labelled = (version: string) => ({ ...app(version), labels: { version } });
  await stage.post(labelled('1.0.0'));
  const path = await file('name: simple:service\nport: 8080/http\nselector: "label(version)((.*))"\n');
  const by = ['--by', 'anna'] as const;
  await until('the route to be made', async () => {
    const { stdout } = await run('apply', '-f', path, ...by);
    return stdout.includes('(1.0.0) 100%');
  });
  await stage.carried({ [older]: 100 }, '/gateway/simple-service');
  await stage.post(labelled('1.1.0'));
  await until('the other route', async () => (await run('gateways')).stdout.includes('0%  (1.1.0)'));
  expect(await answering(port, 20)).toEqual({ [`/${older}`]: 20 });
  const { stderr } = await run('update-gateway', 'simple:service', '-w', '1.0.0@80%,1.1.0@20%', ...by);
  expect(stderr).toBe('');
  await stage.carried({ [older]: 80, [newer]: 20 }, '/gateway/simple-service');
  // On a machine that is busy a new instance may be slow enough to be passed by for a moment.
  let seen: unknown;
  const isEighty = async () => {
    const { apps } = await pipeline(port, 1000);
    seen = apps;
    return Math.abs((apps[newer] ?? 0) - 200) <= 5;
  };
  await until('80/20', isEighty, { detail: () => seen });
  const load = startLoad(port, { kept: 2, fresh: 2 });
  onTestFinished(async () => void (await load.stop()));
  await stage.remove(older);
  await stage.carried({ [newer]: 100 }, '/gateway/simple-service');
  await until('one route', async () => !(await run('gateways')).stdout.includes('(1.0.0)'));
  expect((await load.stop()).failures).toEqual([]);
  const { stdout } = await run('history', 'gateway/simple-service', '--json');
  const { entries } = JSON.parse(stdout) as { entries: readonly { kind: string; text: string }[] };
  expect(entries.filter(({ kind }) => kind.startsWith('gateway-')).map(({ text }) => text)).toEqual([
    'anna created the gateway: (1.0.0) 100 %',
    'the selector finds (1.1.0): (1.0.0) 100 %, (1.1.0) 0 %',
    'anna changed the gateway: (1.0.0) 80 %, (1.1.0) 20 %',
    'the selector finds (1.0.0) no more: (1.1.0) 100 %',
  ]);
  expect(entries.filter(({ kind }) => kind === 'traffic-moved').length).toBeGreaterThanOrEqual(3);
});

test('what is not right is refused with file, line and rule; what ran goes on', async () => {
  const { stage, port, run, file } = await set();
  await stage.post(app('1.0.0'));
  const one = gateway.replace(/ {2}"\[simple-service-1\.1[^]*/, '').replace('50%', '100%');
  const first = await file(one);
  await until('the gateway to be taken', async () => (await run('apply', '-f', first)).status === 0);
  await stage.carried({ [older]: 100 }, service);
  const bad: readonly (readonly [string, string, string])[] = [
    ['bad YAML', 'name: [x\n', 'yaml-syntax'],
    ['duplicate keys', gateway.replace('1.1.0', '1.0.0'), ':6:3: [duplicate-key]'],
    ['weights of 90', gateway.replace(/50%\n$/, '40%\n'), '[total-weight]'],
    ['an unknown route', one.replace('1.0.0', '2.0.0'), ':4:3: [route-unknown]'],
    ['sticky on tcp', one.replace('8080/http', '8080/tcp\nsticky: route'), '[sticky]'],
    ['two gateways on one port', one.replace('name: simpleservice', 'name: other'), ':2:1: [port]'],
    ['a workflow', 'kind: workflows\nname: canary\n', ':1:1: [kind]'],
  ];
  for (const [what, text, words] of bad) {
    const path = await file(text);
    const { status, stderr } = await run('apply', '-f', path);
    expect(`${what}: ${status} ${stderr.replaceAll(/\n {2}/g, ' ')}`).toContain(words);
    expect(stderr).toContain('file.yaml');
    expect(status).toBe(1);
  }
  expect((await pipeline(port, 100)).apps).toEqual({ [older]: 100 });
  expect((await stage.baton().services()).map((each) => each.service)).toEqual([service]);
});
