/** Closes what is still connected to servers, in all workers: an old one may hold the very connections that do not end. */
import { askOldWorker, processes } from './master.ts';
import { parseSessions } from './parse.ts';
import type { Plane } from './plane.ts';
import { run } from './socket.ts';
import { backendName } from './state.ts';
import type { Wanted } from './wanted.ts';

/**
 * Of pools that are to be closed, and of single endpoints that are. An old worker takes no more orders about servers
 * ("Proxy is disabled."), so its sessions are closed one by one.
 * @throws DataPlaneError when HAProxy does not answer
 */
export async function closeSessions(
  plane: Plane,
  wanted: ReadonlyMap<string, Wanted>,
  signal: AbortSignal,
): Promise<void> {
  const servers = new Set<string>();
  for (const want of wanted.values()) {
    const service = plane.running.services.get(want.name);
    for (const pool of want.pools) {
      if (!pool.close && pool.closing.size === 0) continue;
      const slot = service?.slots.find((each) => each.slot === pool.slot);
      for (const server of slot?.servers.keys() ?? []) {
        if (pool.close || pool.closing.has(server))
          servers.add(`${backendName(want.name, pool.slot)}/${server}`);
      }
    }
  }
  if (servers.size === 0) return;
  const { layout } = plane;
  await run(
    layout.runtimeSocket,
    [...servers].map((server) => `shutdown sessions server ${server}`),
    signal,
  );
  const { old } = await processes(layout, signal);
  for (const pid of old) {
    const sessions = parseSessions(await askOldWorker(layout, pid, 'show sess', signal));
    for (const { id, server } of sessions) {
      if (servers.has(server)) await askOldWorker(layout, pid, `shutdown session ${id}`, signal);
    }
  }
}
