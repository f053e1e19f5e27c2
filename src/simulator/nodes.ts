/** The nodes of a simulated Marathon: one world on several ports, of which one leads and the others stand by. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { jettyPage, sendText } from './http-answer.ts';

/** `node` counts from 1. */
type Handler = (request: http.IncomingMessage, response: http.ServerResponse, node: number) => void;

interface Node {
  readonly server: http.Server;
  /** `host:port`. */
  readonly name: string;
  readonly address: AddressInfo;
  up: boolean;
  /** How many faults hold it down. */
  held: number;
}

export interface Nodes {
  /** The URL of each node. */
  readonly urls: readonly string[];
  /** `host:port` of the node that leads; of the last one that did when all are down. */
  leader(): string;
  /** The next node that is up leads from now on; the same one when it is alone. */
  elect(): void;
  /** The leader refuses connections, and those that it has are cut. @returns what lets it come back */
  fail(): () => void;
  close(): Promise<void>;
}

export interface NodesOptions {
  readonly host: string;
  /** Of the first node, the others follow; 0 takes free ones. */
  readonly port: number;
  readonly count: number;
  /** Whether a node that stands by sends clients of the event stream to the leader. All else it passes on. */
  readonly redirectsStreams: boolean;
  readonly handle: Handler;
  readonly onError: (error: unknown) => void;
}

/** @throws Error when one cannot listen */
export async function startNodes(options: NodesOptions): Promise<Nodes> {
  const { host, port, handle } = options;
  const nodes: Node[] = [];
  let leading = 0;
  let closed = false;
  const leader = (): string => nodes[leading]?.name ?? '';

  async function close(): Promise<void> {
    closed = true;
    await Promise.all(nodes.map((node) => shut(node)));
  }

  try {
    for (let at = 0; at < options.count; at += 1) {
      const server = http.createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
        if (at !== leading) {
          if (options.redirectsStreams && redirect(request, response, leader())) return;
          const via = `1.1 ${nodes[at]?.name ?? ''}`;
          if (refuseLoop(request, response, via)) return;
          response.setHeader('X-Marathon-Via', via);
        }
        handle(request, response, at + 1);
      });
      await listen(server, port === 0 ? 0 : port + at, host);
      const address = server.address() as AddressInfo;
      nodes.push({ server, name: `${reachable(address)}:${address.port}`, address, up: true, held: 0 });
    }
  } catch (error) {
    await close();
    throw error;
  }

  async function comeBack(node: Node): Promise<void> {
    node.held -= 1;
    if (node.held > 0 || closed) return;
    try {
      await listen(node.server, node.address.port, host);
      node.up = true;
    } catch (error) {
      options.onError(error);
    }
  }

  return {
    urls: nodes.map(({ name }) => `http://${name}`),
    leader,
    elect() {
      for (let step = 1; step < nodes.length; step += 1) {
        const next = (leading + step) % nodes.length;
        if (nodes[next]?.up !== true) continue;
        leading = next;
        return;
      }
    },
    fail() {
      const node = nodes[leading];
      if (node === undefined) return () => {};
      node.held += 1;
      node.up = false;
      const down = shut(node);
      return () => void down.then(() => comeBack(node));
    },
    close,
  };
}

/** @returns whether it was the event stream that was asked for, which now is answered */
function redirect(request: http.IncomingMessage, response: http.ServerResponse, leader: string): boolean {
  if (request.method !== 'GET' || request.url?.startsWith('/v2/events') !== true) return false;
  response.writeHead(302, { Location: `http://${leader}${request.url}`, 'Content-Length': 0 }).end();
  return true;
}

/** @returns whether this node has passed the request on before, which now is refused */
function refuseLoop(request: http.IncomingMessage, response: http.ServerResponse, own: string): boolean {
  const passed = (request.headersDistinct['x-marathon-via'] ?? []).flatMap((each) => each.split(','));
  if (!passed.some((each) => each.trim() === own)) return false;
  sendText(response, 502, 'text/html;charset=iso-8859-1', jettyPage(502, 'Detected proxying loop.'));
  return true;
}

function shut({ server }: Node): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** A wildcard is no address to connect to. */
function reachable({ address, family }: AddressInfo): string {
  if (address === '0.0.0.0' || address === '::') return '127.0.0.1';
  return family === 'IPv6' ? `[${address}]` : address;
}

function listen(server: http.Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
