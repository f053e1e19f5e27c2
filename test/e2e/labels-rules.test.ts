/** TLS, redirects, passwords, networks and stickiness, from labels through a real HAProxy. */
import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { TLSSocket } from 'node:tls';
import { expect, it, onTestFinished } from 'vitest';
import { makeCertificates } from '../support/certificates.ts';
import { freePorts } from '../support/free-ports.ts';
import { request } from '../support/load.ts';
import { until } from '../support/wait.ts';
import { labelled, type Seen, seenAt } from './labelled.ts';
import { setStage } from './stage.ts';

/** `secret`, as crypt writes it. */
const password = '$5$vJ8nwXpq1tK3$dP799jTQDpaZrf3u7Tc8pqI0n3Vpivhe/isxVh7uj0D';

it('each service keeps to its rules, and a client to its task', async () => {
  const certificates = makeCertificates();
  onTestFinished(() => certificates.remove());
  const ca = certificates.read('ca.pem');
  const pairs = ['safe.example', 'open.example'].map((host) => certificates.pair(host));
  const [tls = 0, ...ports] = await freePorts(6);
  const stage = await setStage({
    flags: ['--group', 'external', '--ssl-certs', pairs.join(','), '--map-port', `443=${tls}`],
  });
  const { port } = stage;
  const baton = await stage.startBaton();
  const apps: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    safe: { HAPROXY_0_REDIRECT_TO_HTTPS: 'true', HAPROXY_0_USE_HSTS: 'true' },
    open: { HAPROXY_0_BACKEND_NETWORK_ALLOWED_ACL: '10.0.0.0/8 127.0.0.0/8' },
    closed: { HAPROXY_0_BACKEND_NETWORK_ALLOWED_ACL: '10.0.0.0/8' },
    auth: { HAPROXY_0_AUTH: `shop:anna:${password}` },
    stay: { HAPROXY_0_STICKY: 'true' },
  };
  for (const [index, [name, labels]] of Object.entries(apps).entries()) {
    const vhost = { HAPROXY_0_VHOST: `${name}.example` };
    await stage.post(labelled(name, [ports[index] ?? 0], { ...vhost, ...labels }, { instances: 3 }));
  }
  for (const name of Object.keys(apps)) await stage.carried({ [name]: 100 }, `/${name}`);
  await until('all listeners', async () => (await seenAt(port, 'stay.example')).app === '/stay');
  expect(await baton.diagnostics()).toEqual([]);

  async function overTls(
    host: string,
  ): Promise<IncomingMessage & { readonly seen: Seen; readonly name: string }> {
    const sent = https.get({
      host: '127.0.0.1',
      port: tls,
      servername: host,
      ca,
      headers: { host },
      agent: false,
    });
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const name = (response.socket as TLSSocket).getPeerCertificate().subject.CN as string;
    const body = Buffer.concat(await response.toArray()).toString();
    return Object.assign(response, { seen: JSON.parse(body) as Seen, name });
  }
  for (const name of ['safe', 'open']) {
    const answer = await overTls(`${name}.example`);
    expect(answer).toMatchObject({ name: `${name}.example`, seen: { app: `/${name}`, proto: 'https' } });
    expect(answer.headers['strict-transport-security']).toBe(
      name === 'safe' ? 'max-age=15768000' : undefined,
    );
  }
  const sentOn = await request(port, { path: '/x?y=1', headers: { host: 'safe.example' } });
  expect([sentOn.status, sentOn.headers.location]).toEqual([301, 'https://safe.example/x?y=1']);
  expect(await seenAt(port, 'open.example')).toMatchObject({ app: '/open', proto: 'http' });
  expect((await request(port, { headers: { host: 'closed.example' } })).status).toBe(403);
  const asked = await request(port, { headers: { host: 'auth.example' } });
  expect([asked.status, asked.headers['www-authenticate']]).toEqual([401, 'Basic realm="shop"']);
  const told = (word: string) => ({
    authorization: `Basic ${Buffer.from(`anna:${word}`).toString('base64')}`,
  });
  expect((await seenAt(port, 'auth.example', '/', told('secret'))).app).toBe('/auth');
  await expect(seenAt(port, 'auth.example', '/', told('wrong'))).rejects.toThrow('401');

  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  let cookie = '';
  async function visit(): Promise<Seen> {
    const answer = await request(port, { agent, headers: { host: 'stay.example', cookie } });
    expect(answer.status).toBe(200);
    cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? cookie;
    return JSON.parse(answer.body) as Seen;
  }
  async function tasksOf(visits: number): Promise<ReadonlySet<string>> {
    const tasks = new Set<string>();
    for (let n = 0; n < visits; n += 1) tasks.add((await visit()).task);
    return tasks;
  }
  expect(await tasksOf(1_000)).toHaveProperty('size', 1);
  const vhost = { HAPROXY_0_VHOST: 'stay.example', HAPROXY_0_STICKY: 'true' };
  const reloads = await baton.metric('baton_dataplane_reloads_total');
  await stage.post(labelled('stay-2', [ports[4] ?? 0], { ...vhost, priority: '10' }));
  await stage.carried({ 'stay-2': 100 }, '/stay');
  await until('the client to move', async () => (await visit()).app === '/stay-2');
  expect(await tasksOf(100)).toHaveProperty('size', 1);
  // Sent back: those who stayed on it leave with their next request, over the connection that they keep.
  const back = await fetch(`${baton.url}/v1/services/stay/rollback`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"by": "anna"}',
  });
  expect(await back.json()).toMatchObject({ done: 'back to stay' });
  await stage.carried({ stay: 100 }, '/stay');
  expect((await visit()).app).toBe('/stay');
  expect(await tasksOf(100)).toHaveProperty('size', 1);
  expect(await baton.metric('baton_dataplane_reloads_total')).toBe(reloads);
});
