/** Requests byte by byte: what came, in which packets, and how the connection ended. */
import net from 'node:net';

export interface RawAnswer {
  /** What came in each packet, one character a byte. */
  readonly packets: readonly string[];
  text(): string;
  /** How it ended: null while it is open. */
  ended(): 'fin' | 'reset' | null;
}

export interface RawClient {
  /** `head`: the request line and headers, without Host. */
  request(head: string): RawAnswer;
  stream(): RawAnswer;
  close(): void;
}

/** @param url asked for at each request */
export function rawClient(url: () => string): RawClient {
  const open: net.Socket[] = [];

  function request(head: string): RawAnswer {
    const { hostname, port } = new URL(url());
    const socket = net.connect({ port: Number(port), host: hostname, noDelay: true });
    open.push(socket);
    const packets: string[] = [];
    let ended: 'fin' | 'reset' | null = null;
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') ended = 'reset';
    });
    socket.on('close', () => (ended ??= 'fin'));
    socket.on('data', (chunk) => packets.push(chunk.toString('latin1')));
    socket.write(`${head}\r\nHost: x\r\n\r\n`);
    return { packets, text: () => packets.join(''), ended: () => ended };
  }

  return {
    request,
    stream: () => request('GET /v2/events HTTP/1.1\r\nAccept: text/event-stream'),
    close() {
      for (const socket of open.splice(0)) socket.destroy();
    },
  };
}
