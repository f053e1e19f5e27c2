/** A Marathon that does not let Baton in: said within seconds, tried again, and traffic goes on as it was. */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type SimulatorAuth } from '../../src/simulator/gate.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { html, startFakeMarathon } from '../marathon/support/fake-marathon.ts';
import { wireAppOf } from '../marathon/support/wire.ts';
import { listenerApp } from '../support/apps.ts';
import { freePort } from '../support/free-ports.ts';
import { haproxyPid, startBaton, stateDirectory } from '../support/baton.ts';
import { makeCertificates } from '../support/certificates.ts';
import { until } from '../support/wait.ts';
import { answered, expectNoFailure, setStage } from './stage.ts';

/** Lets in who has this header; by https, and below a path, which the simulator does not do. */
async function guarded(authorization: string, tls: Parameters<typeof startFakeMarathon>[1]) {
  const fake = await startFakeMarathon('/service/marathon', tls);
  onTestFinished(() => fake.close());
  fake.apps.set('/a', wireAppOf('/a'));
  fake.intercept = (request, response) => {
    if (request.headers.authorization === authorization) return false;
    html(response, 401);
    return true;
  };
  return fake;
}

async function asking(auth: SimulatorAuth): Promise<Simulator> {
  const simulator = await startSimulator({ tasks: 'addresses', auth });
  onTestFinished(() => simulator.close());
  return simulator;
}

async function outOf(argv: readonly string[]): Promise<{ status: number | null; stderr: string }> {
  const main = new URL('../../src/main.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [main, 'run', '--dry-run', ...argv], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [stderr] = await Promise.all([text(child.stderr), once(child, 'close')]);
  return { status: child.exitCode, stderr };
}

describe('at the start', () => {
  it('a wrong password is told, HAProxy keeps what it has, and the right one is enough', async () => {
    const stage = await setStage();
    await stage.startBaton();
    await stage.post(listenerApp('app1'));
    await stage.carried({ app1: 100 });
    const load = stage.load();
    await answered(load, 200);
    await stage.baton().end();
    const master = await haproxyPid(stage.stateDir);

    const { url } = await asking({ kind: 'basic', user: 'baton', password: 'right' });
    const password = join(stage.stateDir, 'password');
    await writeFile(password, 'wrong-secret\n');
    const flags = ['--marathon-user', 'baton', '--marathon-password-file', password];
    const baton = await stage.launchBaton({ marathon: url, flags });
    await until('the reason', async () =>
      /is the password in .* that of baton/.test(await baton.readiness()),
    );
    expect(await baton.readiness()).toMatch(/^not ready: Marathon at http.* answered 401; /);
    expect((await fetch(`${baton.url}/healthz`)).status).toBe(200);
    await answered(load, 200);
    expect(await haproxyPid(stage.stateDir)).toBe(master);
    expect(baton.log.filter(({ level }) => level === 'warn').map(({ reason }) => reason)).toContainEqual(
      expect.stringContaining('is the password in'),
    );
    expect(baton.text()).not.toContain('wrong-secret');
    await expectNoFailure(load);

    await writeFile(password, 'right\n');
    // Another Marathon than before: it is read, and asked again, because it names nothing of what is served.
    await until('an answer', async () => (await baton.readiness()).includes('is not believed yet'));
  });

  it('an authority that nobody knows is told, and the right one is enough', async () => {
    const certificates = makeCertificates();
    onTestFinished(() => certificates.remove());
    const tls = { cert: certificates.read('server.pem'), key: certificates.read('server.key') };
    const fake = await guarded('token=t1', tls);
    const stateDir = await stateDirectory();
    const token = join(stateDir, 'token');
    await writeFile(token, 't1');
    const login = ['--marathon-token-file', token, '--marathon-token-scheme', 'token'];
    const authority = (name: string) => ['--marathon-ca', certificates.file(name)];
    const options = { marathon: fake.url, stateDir };
    const lost = await startBaton({ ...options, flags: [...login, ...authority('other-ca.pem')] });
    await until('the reason', async () =>
      /authority that signed it in --marathon-ca/.test(await lost.readiness()),
    );
    expect((await fetch(`${lost.url}/healthz`)).status).toBe(200);
    expect(fake.requests).toEqual([]);
    await lost.end();
    const found = await startBaton({ ...options, flags: [...login, ...authority('ca.pem')] });
    await found.ready();
  });

  it('nobody at the address is told, and Baton waits for it', async () => {
    const port = await freePort();
    const baton = await startBaton({
      marathon: `http://127.0.0.1:${port}`,
      stateDir: await stateDirectory(),
    });
    await until('the reason', async () =>
      /connection refused; is it running, is the address right\?/.test(await baton.readiness()),
    );
    expect((await fetch(`${baton.url}/healthz`)).status).toBe(200);
  });
});

it('a token that is revoked is told, and traffic goes on until there is a new one', async () => {
  const simulator = await asking({ kind: 'dcos', users: { baton: 'secret' } });
  const stateDir = await stateDirectory();
  const file = join(stateDir, 'token');
  const logIn = async (): Promise<void> => {
    const answer = await fetch(`${simulator.url}/acs/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ uid: 'baton', password: 'secret' }),
    });
    await writeFile(file, ((await answer.json()) as { token: string }).token);
  };
  await logIn();
  const flags = ['--marathon-token-file', file, '--marathon-token-scheme', 'token', '--resync', '1s'];
  const baton = await startBaton({ marathon: simulator.url, stateDir, flags });
  await baton.ready();
  await until('a connection', async () => (await baton.metric('baton_marathon_connected')) === 1);
  simulator.faults.set({ kind: 'revoke-tokens' });
  simulator.closeStreams();
  await until('the reason in the log', () =>
    baton.log.some(({ reason }) => /is the token in .* still valid/.test(String(reason))),
  );
  expect(await baton.metric('baton_marathon_connected')).toBe(0);
  await logIn();
  await until('a connection', async () => (await baton.metric('baton_marathon_connected')) === 1);
});

it('a dry run says at once what does not pass by itself', async () => {
  const { url } = await asking({ kind: 'basic', user: 'baton', password: 'right' });
  const argv = ['--marathon', url.replace('//', '//baton:wrong@'), '--request-timeout', '10m'];
  const { status, stderr } = await outOf(argv);
  expect(stderr).toMatch(/answered 401; are the user name and password in its address right/);
  expect(stderr).not.toContain('wrong');
  expect(status).toBe(1);
});
