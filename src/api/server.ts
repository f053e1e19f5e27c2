/** The HTTP server of the API: listens, answers, and ends. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { type Answer, problem } from './answer.ts';
import { BadRequestError } from './body.ts';
import { type ApiDependencies, answerTo } from './routes.ts';

// An import of this module would look at all that it offers, and so load Node's own WebSocket and fetch: 14 MB.
const { createServer } = process.getBuiltinModule('node:http');

export interface Api {
  /** `host:port`, as bound. */
  readonly address: string;
  close(): Promise<void>;
}

/** The address cannot be bound. */
export class ListenError extends Error {
  readonly code = 'listen-failed';
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken',
  EADDRNOTAVAIL: 'this machine does not have that address',
  EACCES: 'this user may not bind that port',
  ENOTFOUND: 'that name does not resolve',
};

/** @throws ListenError when the address cannot be bound */
export async function startApi(
  listen: { readonly host: string; readonly port: number },
  dependencies: ApiDependencies,
): Promise<Api> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) => {
    void respond(request, response, dependencies);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = reasons[error.code ?? ''] ?? error.message;
      reject(
        new ListenError(`cannot listen on ${listen.host}:${listen.port}: ${why}; choose another --listen`, {
          cause: error,
        }),
      );
    });
    server.listen(listen.port, listen.host, resolve);
  });
  return { address: addressOf(server), close: () => closeServer(server) };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  dependencies: ApiDependencies,
): Promise<void> {
  const answer = await answerTo(request, dependencies).catch(answerOf);
  response.writeHead(answer.status, {
    'content-type': answer.contentType,
    'content-length': Buffer.byteLength(answer.body),
    'cache-control': 'no-store',
    // What of a body was not read would be taken for the next request.
    ...(request.complete ? {} : { connection: 'close' }),
  });
  response.end(request.method === 'HEAD' ? undefined : answer.body);
}

function answerOf(error: unknown): Answer {
  if (error instanceof BadRequestError) return problem(error.status, error.message);
  return problem(500, error instanceof Error ? error.message : String(error));
}

function addressOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') return String(address);
  return address.family === 'IPv6'
    ? `[${address.address}]:${address.port}`
    : `${address.address}:${address.port}`;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
