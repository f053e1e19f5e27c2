/** Bodies of requests: not large, and not sent by a foreign web page. */
import type { IncomingMessage } from 'node:http';

/** The request cannot be understood, or is not taken; the message says what would be. */
export class BadRequestError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const mostBytes = 64 * 1024;
/** Of a file with gateways or a blueprint. */
const mostFileBytes = 1024 * 1024;

/**
 * The body, parsed; `{}` when there is none.
 * @throws BadRequestError for any other than JSON, and for one that a web page of another site sends
 */
export async function jsonBody(request: IncomingMessage): Promise<unknown> {
  refuseForeign(request);
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json\s*(?:;|$)/i.test(type)) {
    // A browser sends this type to another site only after having asked, and that is not answered.
    throw new BadRequestError(415, `the content-type is ${JSON.stringify(type)}; send application/json`);
  }
  const text = await textOf(request);
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new BadRequestError(400, 'the body is not JSON; send an object such as {"why": "it is slow"}');
  }
}

// A browser asks before it sends any of these to another site, and that is not answered.
const yamlTypes = /^(?:application|text)\/(?:json|yaml|x-yaml|vnd\.yaml)\s*(?:;|$)/i;

/**
 * The text of a file in YAML or JSON; empty when there is none.
 * @throws BadRequestError for another type, and for one that a web page of another site sends
 */
export async function yamlBody(request: IncomingMessage): Promise<string> {
  refuseForeign(request);
  const type = request.headers['content-type'];
  const text = await textOf(request, mostFileBytes);
  if (type !== undefined && yamlTypes.test(type)) return text;
  if (type === undefined && text === '') return text;
  throw new BadRequestError(
    415,
    `the content-type is ${JSON.stringify(type ?? '')}; send application/x-yaml or application/json`,
  );
}

/** What a page of somebody else makes a browser send is not what its user has asked for. */
function refuseForeign({ headers }: IncomingMessage): void {
  const { origin, host } = headers;
  if (origin === undefined) return;
  if (host !== undefined && URL.parse(origin)?.host === host.toLowerCase()) return;
  throw new BadRequestError(403, `orders from web pages of another site (${origin}) are not taken`);
}

async function textOf(request: IncomingMessage, most = mostBytes): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > most) throw new BadRequestError(413, `the body is larger than ${most / 1024} kB`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
