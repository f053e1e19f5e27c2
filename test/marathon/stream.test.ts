/** The event stream, byte by byte: framing, silence, ends, redirects. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAccess, openAccess } from '../../src/marathon/access.ts';
import { parseAddress } from '../../src/marathon/address.ts';
import type { MarathonError } from '../../src/marathon/errors.ts';
import { followStream } from '../../src/marathon/stream.ts';
import { until } from '../support/wait.ts';
import { type FakeMarathon, frame, html, startFakeMarathon, streamHead } from './support/fake-marathon.ts';

let fake: FakeMarathon;
let end: AbortController;
let events: [string, string][];
let counts: { opened: number; chunks: number };

beforeEach(async () => {
  fake = await startFakeMarathon();
  end = new AbortController();
  events = [];
  counts = { opened: 0, chunks: 0 };
});

afterEach(async () => {
  end.abort();
  await fake.close();
});

function follow(url = fake.url, idleMs = 10_000): Promise<MarathonError> {
  return followStream(
    {
      address: parseAddress(url),
      access: createAccess(openAccess, 3_000, end.signal),
      idleMs,
      timeoutMs: 3_000,
      onOpen: () => {
        counts.opened += 1;
      },
      onBytes: () => {
        counts.chunks += 1;
      },
      onEvent: (type, data) => events.push([type, data]),
      maxEventBytes: 1_000_000,
      onOversize: () => {},
    },
    end.signal,
  );
}

/** Writes the pieces one by one, each in a packet of its own. */
async function drip(pieces: readonly (string | Buffer)[]): Promise<void> {
  const [socket] = await until('a stream', () => (fake.streams.size > 0 ? [...fake.streams] : undefined));
  for (const piece of pieces) {
    const before = counts.chunks;
    socket?.setNoDelay(true);
    socket?.write(piece);
    await until('the piece', () => counts.chunks > before);
  }
}

test('asks for what Baton uses, with the headers that Marathon insists on', async () => {
  const following = follow(fake.url.replace('//', '//user:pass@'));
  await until('open', () => counts.opened === 1);
  const request = fake.requests[0];
  expect(request?.headers.accept).toBe('text/event-stream');
  expect(request?.headers.authorization).toBe(`Basic ${Buffer.from('user:pass').toString('base64')}`);
  expect(request?.query.get('plan-format')).toBe('light');
  expect(request?.query.getAll('event_type')).toContain('status_update_event');
  end.abort();
  expect((await following).code).toBe('aborted');
});

test('a port that browsers block is a port like any other', async () => {
  await fake.close();
  fake = await startFakeMarathon('', undefined, [10_080, 6000, 6666, 6667, 6697, 5060]);
  const following = follow();
  await until('open', () => counts.opened === 1);
  end.abort();
  expect((await following).code).toBe('aborted');
});

test('every place where an event can be split gives the same events', async () => {
  const following = follow();
  await until('open', () => counts.opened === 1);
  const whole = Buffer.from(frame('status_update_event', { message: 'grüße €😀' }));
  const inside = whole.indexOf(Buffer.from('😀')) + 2;
  const cr = whole.indexOf('\r\n');
  await drip([
    whole,
    '\r',
    '\n',
    whole.subarray(0, inside),
    whole.subarray(inside),
    whole.subarray(0, cr + 1),
    whole.subarray(cr + 1, whole.length - 1),
    whole.subarray(whole.length - 1),
    '\r\n',
    Buffer.concat([whole, Buffer.from('\r\n'), whole]),
  ]);
  await until('all events', () => events.length === 5);
  const event = ['status_update_event', '{"message":"grüße €😀"}'];
  expect(events).toEqual([event, event, event, event, event]);
  end.abort();
  await following;
});

test('events that nobody asked for, comments and garbage do no harm', async () => {
  const following = follow();
  await until('open', () => counts.opened === 1);
  await drip([frame('moon_event', {}), ': comment\r\n\r\n', 'garbage\r\n\r\n', frame('deployment_info', {})]);
  expect(events).toEqual([['deployment_info', '{}']]);
  end.abort();
  await following;
});

test('silence without a FIN ends it, heartbeats alone keep it', async () => {
  const following = follow(fake.url, 3000);
  await until('open', () => counts.opened === 1);
  const opened = performance.now();
  // Longer than the limit in sum, each pause so much shorter that a busy machine is no silence.
  await until(
    'heartbeats for longer than the limit',
    async () => {
      await drip(['\r', '\n']);
      return performance.now() - opened > 3200;
    },
    { everyMs: 400 },
  );
  expect(fake.streams.size).toBe(1);
  expect(await following).toMatchObject({ code: 'silent', retryable: true });
});

test('a head that never comes is a timeout', async () => {
  fake.onStream = () => {};
  const reason = followStream(
    {
      address: parseAddress(fake.url),
      access: createAccess(openAccess, 3_000, end.signal),
      idleMs: 5000,
      timeoutMs: 200,
      onOpen: () => {},
      onBytes: () => {},
      onEvent: () => {},
      maxEventBytes: 1_000_000,
      onOversize: () => {},
    },
    end.signal,
  );
  expect((await reason).code).toBe('timeout');
});

test('200 and the end at once is a closed stream', async () => {
  fake.onStream = (socket) => socket.end(streamHead);
  expect((await follow()).code).toBe('closed');
  expect(fake.count('/v2/events')).toBe(1);
});

test('a connection that is reset is a closed stream', async () => {
  const following = follow();
  await until('open', () => counts.opened === 1);
  for (const socket of fake.streams) socket.resetAndDestroy();
  expect((await following).code).toBe('closed');
});

describe('standbys', () => {
  test('302 leads to the leader, with the same headers and query', async () => {
    const leader = await startFakeMarathon();
    fake.intercept = (_, response) => {
      response
        .writeHead(302, { location: `${leader.url}/v2/events?${String(fake.requests[0]?.query)}` })
        .end();
      return true;
    };
    const following = follow(fake.url.replace('//', '//user:pass@'));
    await until('open', () => counts.opened === 1);
    expect(leader.requests[0]?.headers.authorization).toMatch(/^Basic /);
    expect(leader.requests[0]?.headers.accept).toBe('text/event-stream');
    expect(leader.requests[0]?.query.get('plan-format')).toBe('light');
    end.abort();
    await following;
    await leader.close();
  });

  test('a circle of redirects ends after two hops', async () => {
    fake.intercept = (_, response) => {
      response.writeHead(302, { location: `http://u:secret@${fake.url.slice(7)}/v2/events` }).end();
      return true;
    };
    const reason = await follow();
    expect(reason.code).toBe('redirected');
    expect(reason.message).not.toContain('secret');
    expect(fake.count('/v2/events')).toBe(3);
  });
});

test.each<[number, string]>([
  [405, 'http'],
  [401, 'unauthorized'],
  [502, 'no-leader'],
  [504, 'no-leader'],
  [200, 'unexpected'],
])('HTML with status %i is %s', async (status, code) => {
  fake.intercept = (_, response) => {
    html(response, status);
    return true;
  };
  const reason = await follow();
  expect(reason.code).toBe(code);
  expect(counts.opened).toBe(0);
});

test('nobody there', async () => {
  await fake.close();
  expect((await follow()).message).toMatch(/connection refused; is it running/);
});
