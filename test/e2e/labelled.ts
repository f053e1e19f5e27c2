/** Apps with labels of marathon-lb, and what their clients see. */
import { type AppOptions, app } from '../support/apps.ts';
import { request } from '../support/load.ts';

export interface Seen {
  readonly app: string;
  readonly task: string;
  /** The port of the task that answered. */
  readonly port: number;
  /** What the task heard of how the client came; undefined when nobody told it. */
  readonly proto?: string;
}

/** @param servicePorts one for each port of the app */
export function labelled(
  id: string,
  servicePorts: readonly number[],
  labels: Readonly<Record<string, string>>,
  options: AppOptions = {},
): Record<string, unknown> {
  return {
    ...app(id, { HAPROXY_GROUP: 'external', ...labels }, options),
    container: {
      type: 'DOCKER',
      docker: {
        image: 'example/server',
        network: 'BRIDGE',
        portMappings: servicePorts.map((servicePort, index) => ({
          containerPort: 8080 + index,
          hostPort: 0,
          servicePort,
          protocol: 'tcp',
        })),
      },
    },
  };
}

/** What a task says to a GET. @throws Error with the status when nobody, or somebody else, answers */
export async function seenAt(
  port: number,
  host: string,
  path = '/',
  headers: Readonly<Record<string, string>> = {},
): Promise<Seen> {
  const { status, body } = await request(port, { path, headers: { host, ...headers } });
  if (status !== 200) throw new Error(`${host}${path}: ${status}`);
  return JSON.parse(body) as Seen;
}

/** The apps that answer so many GETs, sorted; or the status, of one that no task answers. */
export async function appsAt(port: number, host: string, path = '/', count = 10): Promise<string> {
  const apps = new Set<string>();
  for (let n = 0; n < count; n += 1) {
    const { status, body } = await request(port, { path, headers: { host } });
    apps.add(status === 200 ? (JSON.parse(body) as Seen).app : String(status));
  }
  return [...apps].toSorted().join(' ');
}
