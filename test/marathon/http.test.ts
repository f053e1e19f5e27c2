/** Requests to Marathon: what each kind of answer becomes, where credentials go, and which address is asked. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createAccess, openAccess } from '../../src/marathon/access.ts';
import { parseAddress, rotation } from '../../src/marathon/address.ts';
import { backoffMs } from '../../src/marathon/backoff.ts';
import { MarathonError } from '../../src/marathon/errors.ts';
import { createHttp, type Http } from '../../src/marathon/http.ts';
import { deadUrl } from './support/dead-url.ts';
import { type FakeMarathon, html, json, startFakeMarathon } from './support/fake-marathon.ts';

const signal = new AbortController().signal;
const anything = z.object({ apps: z.array(z.unknown()) });
const asked: string[] = [];
let fake: FakeMarathon;
let http: Http;

function client(urls: readonly string[], limits: { timeoutMs?: number; maxBytes?: number } = {}): Http {
  return createHttp({
    addresses: rotation(urls),
    access: createAccess(openAccess, 3_000, signal),
    timeoutMs: 3_000,
    maxBytes: 10_000,
    onRequest: (route, outcome) => asked.push(`${route} ${outcome}`),
    ...limits,
  });
}

async function failure(of: Http, path = '/v2/apps'): Promise<MarathonError> {
  const error: unknown = await of.get('GET', path, anything, signal).catch((thrown: unknown) => thrown);
  if (!(error instanceof MarathonError)) throw new Error('it did not fail as expected', { cause: error });
  return error;
}

beforeEach(async () => {
  asked.length = 0;
  fake = await startFakeMarathon('/service/marathon');
  http = client([fake.url.replace('//', '//us%40er:p%3Ass@')]);
});

afterEach(async () => {
  await http.close();
  await fake.close();
});

test('credentials in the address become a header, and the path prefix is kept', async () => {
  expect(await http.get('GET', '/v2/apps', anything, signal)).toEqual({ apps: [] });
  const expected = `Basic ${Buffer.from('us@er:p:ss').toString('base64')}`;
  expect(fake.requests[0]?.headers.authorization).toBe(expected);
  expect(asked).toEqual(['GET ok']);
});

describe('answers without data', () => {
  test.each<[string, (fake: FakeMarathon) => void, string, RegExp]>([
    ['401', (f) => (f.intercept = (_, r) => (html(r, 401), true)), 'unauthorized', /user name and password/],
    ['502 in HTML', (f) => (f.intercept = (_, r) => (html(r, 502), true)), 'no-leader', /no leader/],
    ['HTML with status 200', (f) => (f.intercept = (_, r) => (html(r, 200), true)), 'not-json', /text\/html/],
    [
      'JSON that is not called so',
      (f) =>
        (f.intercept = (_, r) => (
          r.writeHead(200, { 'content-type': 'text/html' }).end('{"apps":[]}'), true
        )),
      'not-json',
      /text\/html/,
    ],
    [
      "a proxy's own 404",
      (f) => (f.intercept = (_, r) => (json(r, 404, { message: 'no route' }), true)),
      'http',
      /path/,
    ],
    [
      'an unknown route of 1.8',
      (f) => (f.intercept = (_, r) => (json(r, 500, { message: 'URI not found' }), true)),
      'http',
      /URI not found/,
    ],
    [
      'empty with status 200',
      (f) => (f.intercept = (_, r) => (r.writeHead(200, { 'content-type': 'application/json' }).end(), true)),
      'not-json',
      /empty body/,
    ],
    [
      'cut JSON',
      (f) =>
        (f.intercept = (_, r) => (
          r.writeHead(200, { 'content-type': 'application/json' }).end('{"apps":['), true
        )),
      'not-json',
      /without JSON/,
    ],
    [
      'JSON of something else',
      (f) => (f.intercept = (_, r) => (json(r, 200, { pods: [] }), true)),
      'unexpected',
      /apps/,
    ],
    [
      'a redirect',
      (f) => (f.intercept = (_, r) => (r.writeHead(307, { location: 'https://there/' }).end(), true)),
      'redirected',
      /https:\/\/there\/, which is not followed/,
    ],
    [
      'too much',
      (f) => (f.intercept = (_, r) => (json(r, 200, { apps: ['x'.repeat(20_000)] }), true)),
      'too-large',
      /10000 bytes/,
    ],
    [
      'a connection cut',
      (f) => (f.intercept = (_, r) => (r.socket?.destroy(), true)),
      'unreachable',
      /was cut/,
    ],
  ])('%s', async (_, prepare, code, message) => {
    prepare(fake);
    const error = await failure(http);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.message).not.toMatch(/p%3Ass|p:ss/);
    expect(asked).toEqual([`GET ${code}`]);
  });

  test("only Marathon's own word makes an app not found", async () => {
    expect((await failure(http, '/v2/apps/nobody')).code).toBe('not-found');
  });

  test('an answer that does not come is a timeout', async () => {
    fake.intercept = () => true;
    const hasty = client([fake.url], { timeoutMs: 100 });
    expect(await failure(hasty)).toMatchObject({ code: 'timeout', retryable: true });
    await hasty.close();
  });

  test('a body that stalls is a timeout', async () => {
    fake.intercept = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"apps"');
      return true;
    };
    const hasty = client([fake.url], { timeoutMs: 100 });
    expect(await failure(hasty)).toMatchObject({ code: 'timeout' });
    await hasty.close();
  });

  test('a cancelled request is no failure of Marathon', async () => {
    fake.intercept = () => true;
    const end = new AbortController();
    const answer = http.get('GET', '/v2/apps', anything, end.signal).catch((error: unknown) => error);
    end.abort();
    expect(await answer).toMatchObject({ code: 'aborted' });
  });
});

describe('several addresses', () => {
  test('the next one is asked when one refuses, and stays the first to be asked', async () => {
    const both = client([await deadUrl(), fake.url]);
    await both.get('GET', '/v2/apps', anything, signal);
    await both.get('GET', '/v2/apps', anything, signal);
    expect(asked).toEqual(['GET unreachable', 'GET ok', 'GET ok']);
    await both.close();
  });

  test('when none answers, all are named, in whatever order they are asked', async () => {
    const [one, two] = [await deadUrl(), await deadUrl()];
    const messages: string[] = [];
    for (const urls of [
      [one, two],
      [two, one],
    ]) {
      const none = client(urls);
      const error = await failure(none);
      expect(error.code).toBe('unreachable');
      messages.push(error.message);
      await none.close();
    }
    for (const url of [one, two]) expect(messages[0]).toContain(`${url}: connection refused`);
    expect(messages[1]).toBe(messages[0]);
  });

  test('an app that is not found is not looked for elsewhere', async () => {
    const both = client([fake.url, await deadUrl()]);
    expect((await failure(both, '/v2/apps/nobody')).code).toBe('not-found');
    expect(asked).toEqual(['GET not-found']);
    await both.close();
  });
});

test.each([
  ['http://host:8080/', 'http://host:8080'],
  ['https://u:p@host/service/marathon//', 'https://host/service/marathon'],
  ['http://host:8080/v2', 'http://host:8080'],
])('the address %s', (text, base) => {
  expect(parseAddress(text).base).toBe(base);
});

test.each(['host:8080', 'ftp://u:secret@host', 'http://u:secret@:x', ''])('no address: %s', (text) => {
  expect(() => parseAddress(text)).toThrow(/should look like http/);
  expect(() => parseAddress(text)).not.toThrow(/secret/);
});

test('waits double up to the longest, and vary by half', () => {
  const range = { firstMs: 1000, maxMs: 30_000 };
  const extremes = [0, 1, 4, 5, 500].map((n) => [backoffMs(n, range, () => 0), backoffMs(n, range, () => 1)]);
  expect(extremes).toEqual([
    [500, 1000],
    [1000, 2000],
    [8000, 16_000],
    [15_000, 30_000],
    [15_000, 30_000],
  ]);
});
