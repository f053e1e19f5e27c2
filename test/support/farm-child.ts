/** Child of a server farm: real HTTP servers on loopback, all of which end when this process does. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';

const [app, count, healthPath] = process.argv.slice(2);
const probes = new Map<string, number>();

function serve(index: number): Promise<number> {
  const name = `${app}-${index}`;
  const server = http.createServer({ keepAliveTimeout: 30_000 }, (request, response) => {
    const path = request.url ?? '/';
    if (path.startsWith('/health')) {
      probes.set(name, (probes.get(name) ?? 0) + 1);
      response.writeHead(path === healthPath ? 200 : 500).end();
      return;
    }
    if (path.startsWith('/probes')) {
      response.end(JSON.stringify(Object.fromEntries(probes)));
      return;
    }
    if (path === '/plain') {
      response.end(`<${app}>`);
      return;
    }
    const answer = JSON.stringify({ app, version: '1', task: name, name, headers: request.headers, path });
    const wait = Number(new URL(path, 'http://x').searchParams.get('wait') ?? 0);
    response.statusCode = Number(new URL(path, 'http://x').searchParams.get('status') ?? 200);
    const location = new URL(path, 'http://x').searchParams.get('location');
    if (location !== null) response.setHeader('Location', location);
    request.resume();
    if (wait > 0) setTimeout(() => response.end(answer), wait);
    else response.end(answer);
  });
  const { promise, resolve } = Promise.withResolvers<number>();
  server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  return promise;
}

const ports = await Promise.all(Array.from({ length: Number(count) }, (_, index) => serve(index)));
process.stdout.write(`${JSON.stringify(ports)}\n`);
// The parent's end closes this.
process.stdin.resume().on('end', () => process.exit(0));
