/** The HAProxy driver: observe, apply and verify over one HAProxy that Baton starts and owns. */
import { setImmediate as breathe, setTimeout as pause } from 'node:timers/promises';
import type { ServiceTarget } from '../../plan/target.ts';
import { backendsName, type ServiceId } from '../../model/ids.ts';
import type { Driver, DriverContext, Scope } from '../driver.ts';
import { DataPlaneError } from '../errors.ts';
import { createAclChecks } from './acl-checks.ts';
import { applyReading } from './apply.ts';
import { findBinary } from './binary.ts';
import { createCounters } from './counters.ts';
import { createDisk } from './disk.ts';
import { remove } from './files.ts';
import { createFastLane } from './fast-lane.ts';
import { layoutIn } from './layout.ts';
import { adopt, boot, type Up } from './lifecycle.ts';
import { look } from './look.ts';
import type { HaproxyOptions } from './options.ts';
import { nothingRunning, type Plane } from './plane.ts';
import { stopHaproxy, waitForEnd } from './process.ts';
import { createQueue } from './queue.ts';
import { createResolver } from './resolve.ts';
import { createTemplateChecks } from './template-checks.ts';
import { createTlsFiles } from './tls-files.ts';
import { verify } from './verify.ts';
import { withdraw, withdrawNow } from './withdraw.ts';
import { hostsOf, type Reading, readTarget, type Wanted } from './wanted.ts';

const defaultStopTimeoutMs = 30_000;
const workersEndMs = 3_000;
const firstBackoffMs = 250;
const longestBackoffMs = 10_000;
const stableAfterMs = 10_000;
/** Agents come and go; those that have gone are not remembered for ever. */
const mostHosts = 10_000;

/** Nothing runs before `start`. What `apply` was last given is applied again by itself when HAProxy had died. */
export function createHaproxyDriver(options: HaproxyOptions, context: DriverContext): Driver {
  const exclusive = createQueue();
  const resolver = createResolver(options.resolve);
  const life = new AbortController();
  let plane: Plane | null = null;
  const tls = createTlsFiles(options.certificates ?? [], () => plane);
  const templates = createTemplateChecks(() => plane);
  const acls = createAclChecks(() => plane);
  let up: Up | null = null;
  /** By host, of everything in `lastRead`. */
  const lastAddresses = new Map<string, string>();
  let lastRead = new WeakMap<ServiceTarget, Wanted>();
  /** What was last asked for, by service; null before anything was. */
  let lastTarget: Map<ServiceId, ServiceTarget> | null = null;

  function running(): Plane {
    if (plane === null || up === null || !up.haproxy.alive()) {
      throw new DataPlaneError('data-plane-unreachable', 'HAProxy does not run');
    }
    return plane;
  }

  async function read(target: readonly ServiceTarget[], signal: AbortSignal): Promise<Reading> {
    const hosts = hostsOf(target);
    const [addresses] = await Promise.all([
      resolver.addresses(hosts),
      tls.look(
        target.flatMap(({ listeners }) => listeners),
        signal,
      ),
      templates.look(target, signal),
      acls.look(target, signal),
    ]);
    const isOther = (host: string): boolean =>
      lastAddresses.has(host) && lastAddresses.get(host) !== addresses.get(host);
    if (lastAddresses.size > mostHosts || [...hosts].some(isOther)) {
      lastRead = new WeakMap();
      lastAddresses.clear();
    }
    for (const [host, address] of addresses) lastAddresses.set(host, address);
    const hasCertificate = tls.given().length > 0;
    return readTarget(
      target,
      addresses,
      { problemOf: tls.problemOf, untimelyOf: tls.untimelyOf, hasCertificate },
      templates,
      acls,
      lastRead,
    );
  }

  /** What is asked for now, and what of it cannot be read. */
  function note(target: readonly ServiceTarget[], reading: Reading, scope: Scope): void {
    lastTarget ??= new Map();
    for (const id of scope === 'all' ? [...lastTarget.keys()] : scope) {
      lastTarget.delete(id);
      plane?.unread.delete(id);
    }
    for (const service of target) lastTarget.set(service.service, service);
    for (const [id, diagnostics] of reading.diagnostics) plane?.unread.set(id, diagnostics);
  }

  /** Kept running from now on. */
  function keep(plane: Plane, started: Up, earlierFailures: number): void {
    up = started;
    plane.lane.open();
    const since = Date.now();
    void started.haproxy.ended.then(async () => {
      if (life.signal.aborted || up !== started) return;
      context.notify({ kind: 'died', pid: started.haproxy.pid });
      await revive(plane, started, Date.now() - since > stableAfterMs ? 0 : earlierFailures);
    });
  }

  /** The first attempt follows at once, the others with growing pauses. */
  async function revive(plane: Plane, dead: Up, earlierFailures: number): Promise<void> {
    const workers = [plane.running.worker, ...dead.processes.old];
    for (let failures = earlierFailures; !life.signal.aborted; failures++) {
      try {
        await pause(backoff(failures), undefined, { signal: life.signal });
        await exclusive(async () => {
          await waitForEnd(plane.layout, workers, workersEndMs);
          await tls.look(
            [...plane.running.services.values()].flatMap(({ listeners }) => listeners),
            life.signal,
          );
          keep(plane, await boot(plane, plane.running.services, life.signal), failures + 1);
          if (lastTarget !== null)
            await applyReading(plane, await read([...lastTarget.values()], life.signal), null, life.signal);
        });
        return;
      } catch (error) {
        if (up !== dead) return;
        if (!(error instanceof DataPlaneError)) continue;
        context.notify({ kind: 'reload-failed', because: 'HAProxy had died', detail: error.message });
      }
    }
  }

  return {
    name: 'haproxy',
    async start(signal) {
      const binary = await findBinary(options.binary);
      const layout = layoutIn(options.stateDir);
      const disk = createDisk(layout);
      await exclusive(async () => {
        const services = await disk.load();
        const fresh: Plane = {
          options,
          context,
          layout,
          disk,
          binary,
          counters: createCounters(),
          running: nothingRunning(),
          refused: new Map(),
          rejected: new Map(),
          unread: new Map(),
          gaveWay: new Map(),
          tls,
          templates,
          lane: createFastLane(layout.runtimeSocket),
        };
        plane = fresh;
        await tls.look(
          services.flatMap(({ listeners }) => listeners),
          signal,
        );
        const adopted = await adopt(fresh, services, signal);
        const started =
          adopted ?? (await boot(fresh, new Map(services.map((each) => [each.name, each])), signal));
        keep(fresh, started, 0);
      });
    },
    async observe(signal, scope = 'all') {
      return await exclusive(() => look(running(), namesIn(scope), signal));
    },
    async apply(target, signal, scope = 'all') {
      const reading = await read(target, signal);
      return await exclusive(async () => {
        // Also when nothing runs: it is applied when HAProxy is back.
        note(target, reading, scope);
        if (scope === 'all') await breathe();
        return await applyReading(running(), reading, namesIn(scope), signal);
      });
    },
    async withdraw(servers, signal, scope = 'all') {
      // Out at once; in order with everything else once more, because what is under way may know nothing of it.
      const plane = running();
      const [count] = await Promise.all([
        exclusive(() => withdraw(running(), servers, namesIn(scope), signal)),
        withdrawNow(plane, servers, namesIn(scope), signal),
      ]);
      return count;
    },
    async verify(target, signal, scope = 'all') {
      const reading = await read(target, signal);
      try {
        return await exclusive(() => verify(running(), reading.services, namesIn(scope), signal));
      } catch (error) {
        if (error instanceof DataPlaneError) return { outcome: 'unknown', reason: error.message };
        throw error;
      }
    },
    configuration: async () => (plane === null ? '' : await plane.disk.configuration()),
    async statistics(signal) {
      return await exclusive(async () => {
        const plane = running();
        await look(plane, null, signal);
        return plane.counters.slots(plane.running.services);
      });
    },
    async stop(signal) {
      life.abort();
      await exclusive(async () => {
        const last = up;
        up = null;
        if (last === null || plane === null) return;
        last.haproxy.release();
        plane.lane.drop();
        if (options.mode === 'detached') return;
        const patienceMs = options.stopTimeoutMs ?? defaultStopTimeoutMs;
        await stopHaproxy(plane.layout, last.haproxy.pid, patienceMs, signal);
        await remove(plane.layout.pid);
      });
    },
  };
}

/** The services' names on the data plane; null: all. */
function namesIn(scope: Scope): ReadonlySet<string> | null {
  return scope === 'all' ? null : new Set([...scope].map(backendsName));
}

function backoff(failures: number): number {
  if (failures === 0) return 0;
  return Math.min(longestBackoffMs, firstBackoffMs * 2 ** (failures - 1)) * (0.75 + Math.random() / 2);
}
