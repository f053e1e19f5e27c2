/** A relay in front of a Marathon, through which a test puts events of its own into the stream, as many as it likes. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Relay {
  readonly url: string;
  /** Writes these frames into the open stream at once, between two of Marathon's own. @throws Error when none is open */
  inject(frames: string): Promise<void>;
}

const frameEnd = '\r\n\r\n';

export async function startRelay(marathon: string): Promise<Relay> {
  const streams = new Set<http.ServerResponse>();
  const server = http.createServer((request, response) => {
    const forwarded = http.request(
      `${marathon}${request.url}`,
      { method: request.method, headers: request.headers, agent: false },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        if (answer.headers['content-type']?.startsWith('text/event-stream') === true)
          follow(answer, response);
        else answer.pipe(response);
        answer.on('error', () => response.destroy());
      },
    );
    forwarded.on('error', () => response.destroy());
    response.on('close', () => forwarded.destroy());
    request.pipe(forwarded);
  });

  /** Passes on whole frames only, so that what is injected stands between two. */
  function follow(answer: http.IncomingMessage, response: http.ServerResponse): void {
    let rest = '';
    streams.add(response);
    response.flushHeaders();
    response.on('close', () => streams.delete(response));
    answer.setEncoding('utf8').on('data', (chunk: string) => {
      rest += chunk;
      const end = rest === '\r\n' ? rest.length : rest.lastIndexOf(frameEnd) + frameEnd.length;
      if (end < frameEnd.length && rest !== '\r\n') return;
      response.write(rest.slice(0, end));
      rest = rest.slice(end);
    });
    answer.on('end', () => response.end());
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async inject(frames) {
      const [stream] = streams;
      if (stream === undefined) throw new Error('nobody follows the event stream');
      await new Promise<void>((resolve, reject) => {
        stream.write(frames, (error) => (error == null ? resolve() : reject(error)));
      });
    },
  };
}
