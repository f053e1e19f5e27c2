/** What a webhook is told, and what its answer means. */
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMeasurer, type Measurer } from '../../src/measure/measurer.ts';
import { freePort } from '../support/free-ports.ts';
import { type Asked, askWith, forever, type Other, startOther } from './others.ts';

let judge: Other;
let measurer: Measurer;
let respond: (asked: Asked, response: ServerResponse) => void;

beforeEach(async () => {
  judge = await startOther((asked, response) => respond(asked, response));
  measurer = createMeasurer({ prometheus: null, timeoutMs: 2000 });
});

afterEach(async () => {
  await measurer.close();
  await judge.close();
});

const both = [
  ['hold', 'inconclusive'],
  ['abort', 'failure'],
] as const;

function answering(status: number, body = ''): void {
  respond = (_asked, response) => response.writeHead(status, { location: '/elsewhere' }).end(body);
}

function measured(url: string, onError: 'hold' | 'abort') {
  return measurer.measure(askWith({ webhook: { url, onError } }), forever);
}

test('it is posted the state as JSON, with the user of its address', async () => {
  answering(200);
  const url = `${judge.url.replace('//', '//u:p@')}/judge?token=t`;
  const found = await measured(url, 'abort');
  const what = `webhook ${judge.url}/judge`;
  expect(found).toEqual([{ what, outcome: 'success', text: `${what} answered 200`, value: 200 }]);
  const [asked, ...others] = judge.asked;
  expect(others).toEqual([]);
  expect(asked).toMatchObject({ method: 'POST', path: '/judge', body: '{"service":"/app1","step":1}' });
  expect(asked?.query.get('token')).toBe('t');
  expect(asked?.headers).toMatchObject({
    connection: 'close',
    'content-type': 'application/json',
    authorization: `Basic ${Buffer.from('u:p').toString('base64')}`,
  });
});

test.each([200, 201, 204, 299])('%i is a success', async (status) => {
  answering(status);
  expect(await measured(judge.url, 'abort')).toMatchObject([{ outcome: 'success', value: status }]);
});

test('2xx is a success however long its answer', async () => {
  respond = (_asked, response) => response.writeHead(200).end('x'.repeat(5_000_000));
  expect(await measured(judge.url, 'abort')).toMatchObject([{ outcome: 'success' }]);
});

test.each([302, 400, 404, 500, 503].flatMap((status) => both.map((each) => [status, ...each] as const)))(
  '%i with onError %s is %s',
  async (status, onError, outcome) => {
    answering(status, 'the error\nbudget is spent');
    const what = `webhook ${judge.url}`;
    const text = `${what} answered ${status}, and not 2xx: the error\\nbudget is spent`;
    expect(await measured(judge.url, onError)).toEqual([{ what, outcome, text, value: status }]);
    expect(judge.asked).toHaveLength(1);
  },
);

test.each(both)('no answer in time with onError %s is %s', async (onError, outcome) => {
  await measurer.close();
  measurer = createMeasurer({ prometheus: null, timeoutMs: 100 });
  respond = () => undefined;
  const text = `no answer of webhook ${judge.url}: nothing within 0.1 s`;
  expect(await measured(judge.url, onError)).toMatchObject([{ outcome, text, value: null }]);
});

test.each(both)('nobody there with onError %s is %s, and no password is shown', async (onError, outcome) => {
  const port = await freePort();
  const text = `no answer of webhook http://127.0.0.1:${port}/a: nobody listens there`;
  const found = await measured(`http://u:secret@127.0.0.1:${port}/a?token=secret`, onError);
  expect(found).toMatchObject([{ outcome, text, value: null }]);
  expect(JSON.stringify(found)).not.toContain('secret');
});

test('an address that is no URL is an error', async () => {
  expect(await measured('http://[', 'abort')).toEqual([
    { what: 'webhook', outcome: 'error', text: 'the address of the webhook is no URL', value: null },
  ]);
});
