/** TCP servers that speak first and then echo, and a client that hears them out. */
import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';

export interface Greeter {
  readonly port: number;
  /** Stops listening and cuts every connection. */
  readonly close: () => Promise<void>;
}

/** Says `name\n` to everybody, then gives back what it hears. */
export async function startGreeter(name: string): Promise<Greeter> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.write(`${name}\n`);
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

export interface Greeted {
  readonly name: string;
  readonly socket: Socket;
}

/** Connects and waits for the greeting; the name is empty when the connection ends without one. */
export async function greet(port: number): Promise<Greeted> {
  const socket = createConnection({ host: '127.0.0.1', port });
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.setEncoding('utf8');
  socket.once('data', (text) => resolve(String(text).trim()));
  socket.on('error', () => resolve(''));
  socket.on('close', () => resolve(''));
  return { name: await promise, socket };
}

/** The names that so many connections, one after the other, are greeted with, and how often. */
export async function greetings(port: number, count: number): Promise<Readonly<Record<string, number>>> {
  const names: Record<string, number> = {};
  for (let n = 0; n < count; n++) {
    const { name, socket } = await greet(port);
    socket.destroy();
    names[name] = (names[name] ?? 0) + 1;
  }
  return names;
}
