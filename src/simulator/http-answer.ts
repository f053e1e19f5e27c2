/** Reading requests and writing answers with the headers that every answer of a Marathon leader has. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { ApiError } from './api-error.ts';

/** The largest body taken, in bytes. */
const largestBody = 16 * 1024 * 1024;
/** Jetty's `minGzipSize`, in bytes. */
const leastZipped = 256;

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  /** Decoded segments of the path, empty ones dropped. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
  /** The path and query as the client wrote them. */
  readonly uri: string;
  readonly clientIp: string;
  /** Which node was asked, from 1 on. */
  readonly node: number;
}

/** What a route answers: `body` undefined is an empty one. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export function commonHeaders(response: ServerResponse, leader: string, security: boolean): void {
  response.setHeader('Cache-Control', 'no-cache, no-store, must-revalidate');
  response.setHeader('Pragma', 'no-cache');
  response.setHeader('Expires', '0');
  response.setHeader('X-Marathon-Leader', leader);
  if (!security) return;
  response.setHeader('X-Frame-Options', 'DENY');
  response.setHeader('X-XSS-Protection', '1; mode=block');
}

export function send(response: ServerResponse, answer: Answer): void {
  if (response.headersSent || response.destroyed) return;
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  if (answer.body === undefined) {
    response.writeHead(answer.status, { 'Content-Length': 0 }).end();
    return;
  }
  const text = Buffer.from(JSON.stringify(answer.body), 'utf8');
  const zip = text.length >= leastZipped && /\bgzip\b/.test(String(response.req.headers['accept-encoding']));
  if (zip) response.setHeader('Content-Encoding', 'gzip').setHeader('Vary', 'Accept-Encoding, User-Agent');
  const bytes = zip ? gzipSync(text) : text;
  response
    .writeHead(answer.status, { 'Content-Type': 'application/json', 'Content-Length': bytes.length })
    .end(bytes);
}

export function sendText(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) }).end(text);
}

/** Jetty's own error page, for what never reaches Marathon's resources. */
export function jettyPage(status: number, message: string): string {
  return `<html>\n<head>\n<meta http-equiv="Content-Type" content="text/html;charset=utf-8"/>\n<title>Error ${status} ${message}</title>\n</head>\n<body><h2>HTTP ERROR ${status}</h2>\n<p>Reason:\n<pre>    ${message}</pre></p>\n</body>\n</html>\n`;
}

/** @throws ApiError 415 when the body is not declared to be JSON, 413 when it is too large */
export async function readBody(request: IncomingMessage): Promise<string> {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new ApiError('unsupported-media-type', 415, { message: 'HTTP 415 Unsupported Media Type' });
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > largestBody)
      throw new ApiError('too-large', 413, { message: 'HTTP 413 Request Entity Too Large' });
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A boolean of the query, as Jersey reads it: only `true` is true. */
export function flag(query: URLSearchParams, name: string, whenAbsent = false): boolean {
  const value = query.get(name);
  return value === null ? whenAbsent : value === 'true';
}
