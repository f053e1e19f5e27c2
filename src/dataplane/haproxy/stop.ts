/** Ends a detached HAProxy from outside: `baton stop`. */
import { remove } from './files.ts';
import { layoutIn } from './layout.ts';
import { adoptHaproxy, stopHaproxy } from './process.ts';

/**
 * Soft stop of the HAProxy that runs in a state directory: listeners close at once, what is in progress goes on until
 * the signal aborts; then it is killed. Says whether there was one.
 * @throws DataPlaneError when the directory cannot be a state directory
 */
export async function stopDetached(stateDir: string, signal: AbortSignal): Promise<boolean> {
  const layout = layoutIn(stateDir);
  const adopted = await adoptHaproxy(layout, signal);
  if (adopted === null) return false;
  adopted.haproxy.release();
  await stopHaproxy(layout, adopted.haproxy.pid, Number.POSITIVE_INFINITY, signal);
  await remove(layout.pid);
  return true;
}
