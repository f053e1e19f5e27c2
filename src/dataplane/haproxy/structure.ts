/** What HAProxy cannot do at run time: new backends and frontends, by files and one reload. */
import { DataPlaneError } from '../errors.ts';
import { validate } from './binary.ts';
import { mapTexts, pendingFile, serviceFile, serviceTexts, type Texts } from './disk.ts';
import {
  certificateListFile,
  conditionsOf,
  frontendName,
  frontendPrefix,
  frontendsOf,
  type Frontend,
  ownFrontends,
} from './frontends.ts';
import { connectionLimit } from './limits.ts';
import { reload } from './master.ts';
import { checksOf } from './maps.ts';
import { namesFor, namesIn } from './names.ts';
import { mirror, type Plane, poolsOf } from './plane.ts';
import { probePort } from './ports.ts';
import { downIn, readBack } from './readback.ts';
import { rulesText } from './read-rules.ts';
import { renderGlobal, settingsFrom, sizesFor, sizesIn } from './render-global.ts';
import type { Service, Services } from './state.ts';
import { type FileKind, kindAfter } from './tls-files.ts';
import { allWorkers } from './workers.ts';

const defaultPortRetryMs = 10_000;

/** The frontends that services need and that can be bound. Those that HAProxy already holds are not probed. */
export async function bindable(plane: Plane, services: Services): Promise<readonly Frontend[]> {
  const needed = frontendsOf(services.values(), plane.options.bind);
  const wanted = withCertificates(plane, needed);
  const keys = new Set(wanted.map(({ key }) => key));
  for (const key of plane.refused.keys()) if (!keys.has(key)) plane.refused.delete(key);
  const retryMs = plane.options.portRetryMs ?? defaultPortRetryMs;
  const usable: Frontend[] = [];
  for (const frontend of wanted) {
    const { key } = frontend;
    const before = plane.refused.get(key);
    if (plane.running.frontends.has(frontendName(key))) usable.push(frontend);
    else if (before === undefined && holdsPort(plane, frontend.port)) usable.push(frontend);
    else if (before === undefined || before.until <= Date.now()) {
      const refusal = await probePort(frontend);
      if (refusal === null) {
        plane.refused.delete(key);
        usable.push(frontend);
      } else plane.refused.set(key, { frontend, refusal, until: Date.now() + retryMs });
    }
  }
  return usable;
}

/** On whatever address: two listeners of HAProxy's share a port, which a probe would find taken. */
function holdsPort(plane: Plane, port: number): boolean {
  return [...plane.running.frontends].some((name) => name.endsWith(`:${port}`));
}

/** All, Baton's own too, with all their certificates; a frontend that lost a file that it cannot do without is left out. */
export function withCertificates(
  { tls, options }: Plane,
  needed: ReturnType<typeof frontendsOf>,
): readonly Frontend[] {
  const own = ownFrontends(options).filter(({ key }) => !needed.has(key));
  const declared = [...needed.values()].flatMap(({ frontend }) => {
    const { bindOptions } = frontend;
    const isUnusable = (path: string, kind: FileKind | null) =>
      kind !== null && tls.problemOf(path, kind) !== null;
    if (bindOptions.some((word, at) => isUnusable(word, kindAfter(bindOptions[at - 1])))) return [];
    if (frontend.certificates === null) return [frontend];
    const usable = frontend.certificates.filter((path) => !isUnusable(path, 'certificate'));
    const certificates = [...new Set([...tls.given(), ...usable])];
    return certificates.length === 0 ? [] : [{ ...frontend, certificates }];
  });
  return [...own, ...declared];
}

/** What all services share: the configuration, and the certificates of each frontend. */
export function globalTexts(plane: Plane, services: Services, frontends: readonly Frontend[]): Texts {
  const lists = frontends.flatMap(({ key, certificates }) => {
    return certificates === null ? [] : [[certificateListFile(key), certificates] as const];
  });
  const none = plane.disk.lists().map((file) => [file, null] as const);
  const lines = (paths: readonly string[]) => paths.map((path) => `${path}\n# ${plane.tls.stamp(path)}\n`);
  return new Map<string, string | null>([
    ...none,
    ...lists.map(([file, paths]) => [file, lines(paths).join('')] as const),
    ['global.cfg', globalText(plane, services, frontends)],
  ]);
}

function globalText(plane: Plane, services: Services, frontends: readonly Frontend[]): string {
  const text = plane.disk.global();
  const before = sizesIn(text);
  return renderGlobal({
    frontends,
    ...sizesFor(poolsOf(services), services.size, before),
    names: namesFor(services.values(), namesIn(text)),
    conditions: conditionsOf(services.values(), plane.options.bind),
    settings: settingsFrom(plane.options),
    connections: connectionLimit(),
  });
}

/** How many reasons for a reload are named: a first start has one for every service. */
const mostReasons = 4;

/** Whether the loaded configuration lacks something, and what. Null: nothing. */
export function lacks(
  plane: Plane,
  services: Services,
  structural: ReadonlyMap<string, string>,
  frontends: readonly Frontend[],
): string | null {
  const reasons = [...structural].map(([name, reason]) => `${name}: ${reason}`);
  const names = new Set(frontends.map((frontend) => frontendName(frontend.key)));
  for (const frontend of frontends) {
    if (!plane.running.frontends.has(frontendName(frontend.key)))
      reasons.push(`a new listener ${frontend.key}`);
  }
  for (const name of plane.running.frontends) {
    if (!names.has(name)) reasons.push(`a listener is gone: ${name.slice(frontendPrefix.length)}`);
  }
  if (plane.disk.has(pendingFile)) reasons.push('an earlier reload was not completed');
  else if (reasons.length === 0 && isOther(plane, globalTexts(plane, services, frontends)))
    reasons.push('other settings, certificates, conditions, or listeners of another kind');
  if (reasons.length === 0) return null;
  const named = reasons.slice(0, mostReasons).join('; ');
  return reasons.length > mostReasons ? `${named}; and ${reasons.length - mostReasons} more` : named;
}

function isOther({ disk }: Plane, texts: Texts): boolean {
  return [...texts].some(([file, text]) => !disk.says(file, text));
}

/**
 * Renders, validates and loads. Servers stay as they run; a server that is known to be down is left out, because it
 * would start up, and added again at run time. Returns how often HAProxy was reloaded.
 * @throws DataPlaneError when not even the rest of the configuration is taken; the files are as before then
 */
export async function restructure(
  plane: Plane,
  services: Services,
  structural: ReadonlyMap<string, string>,
  frontends: readonly Frontend[],
  because: string,
  signal: AbortSignal,
): Promise<number> {
  const { layout, disk, running, context } = plane;
  const down = downIn((await readBack(layout, signal)).statistics);
  const texts = new Map<string, string | null>([
    [pendingFile, `${because}\n`],
    ...globalTexts(plane, services, frontends),
    // Who comes with the configuration is probed as soon as it is loaded.
    ...mapTexts({ checks: new Map([...running.maps.checks, ...checksOf(services.values())]) }, ['checks']),
  ]);
  for (const [name, service] of services) {
    if (structural.has(name) || hasDown(service, down)) add(texts, serviceTexts(name, service, down));
  }
  add(texts, disk.strays(new Set(services.keys())));
  const before = await disk.replace(texts);
  try {
    const work = { plane, services, structural, frontends, before };
    const isFirst = running.services.size === 0;
    const kept = await load(work, !isFirst, signal).catch(async (error: unknown) => {
      if (!isFirst || !isRefusal(error)) throw error;
      return await load(work, true, signal);
    });
    await disk.write(new Map([[pendingFile, null]]));
    mirror(running, kept.values(), await readBack(layout, signal));
    plane.lane.open();
    context.notify({ kind: 'reloaded', because });
    return 1;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    await disk.write(before);
    context.notify({ kind: 'reload-failed', because, detail: error.message });
    await reload(layout, signal).catch(() => undefined);
    mirror(running, running.services.values(), await readBack(layout, signal));
    await refuseUnbindable(plane, frontends);
    throw error;
  }
}

function isRefusal(error: unknown): error is DataPlaneError {
  return error instanceof DataPlaneError && error.code === 'data-plane-reload-failed';
}

interface Work {
  readonly plane: Plane;
  readonly services: Services;
  readonly structural: ReadonlyMap<string, string>;
  readonly frontends: readonly Frontend[];
  /** What was in the files. */
  readonly before: Texts;
}

/**
 * Has HAProxy load what is written, without the services that it refuses. Returns the others.
 * @param validates whether it is checked before. The very first configuration is not: nobody is served yet whom a failed reload
 *   could harm, and with a thousand services a check takes as long as the reload
 * @throws DataPlaneError `data-plane-reload-failed` when HAProxy does not take it
 */
async function load(
  { plane, services, structural, frontends, before }: Work,
  validates: boolean,
  signal: AbortSignal,
): Promise<Services> {
  const { layout, disk, running, counters } = plane;
  const kept = new Map(services);
  const rejected = validates
    ? await rejectBad(plane, services, structural, before, signal)
    : new Set<string>();
  for (const name of rejected) {
    const earlier = running.services.get(name);
    if (earlier === undefined) kept.delete(name);
    else kept.set(name, earlier);
  }
  if (rejected.size > 0) {
    const needed = frontendsOf(kept.values(), plane.options.bind);
    const rest = frontends.filter(({ key, purpose }) => purpose !== 'services' || needed.has(key));
    await disk.write(globalTexts(plane, kept, rest));
  }
  // The last look at the counters of the worker that may be gone a moment later.
  counters.add(await allWorkers(layout, await readBack(layout, signal), null, signal));
  plane.lane.drop();
  await reload(layout, signal);
  return kept;
}

/** A port of HAProxy's own was not probed on its other address; if that was what failed, it is left out next time. */
async function refuseUnbindable(plane: Plane, frontends: readonly Frontend[]): Promise<void> {
  const until = Date.now() + (plane.options.portRetryMs ?? defaultPortRetryMs);
  for (const frontend of frontends) {
    if (plane.running.frontends.has(frontendName(frontend.key))) continue;
    const refusal = await probePort(frontend);
    if (refusal !== null) plane.refused.set(frontend.key, { frontend, refusal, until });
  }
}

function hasDown(service: Service, down: ReadonlySet<string>): boolean {
  if (down.size === 0) return false;
  return service.slots.some((slot) =>
    [...slot.servers.keys()].some((server) => down.has(`${service.name}:${slot.slot}/${server}`)),
  );
}

function add(to: Map<string, string | null>, texts: Texts): void {
  for (const [file, text] of texts) to.set(file, text);
}

/** The services whose configuration HAProxy refuses: kept aside and named; their earlier one stays. */
async function rejectBad(
  plane: Plane,
  services: Services,
  structural: ReadonlyMap<string, string>,
  before: Texts,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const { binary, layout, disk } = plane;
  const rejected = new Set<string>();
  const whole = await validate(binary, layout.dir, ['global.cfg', 'services/'], signal);
  if (whole === null) return rejected;
  for (const name of structural.keys()) {
    const why = await validate(binary, layout.dir, ['global.cfg', serviceFile(name)], signal);
    const service = services.get(name);
    if (why === null || service === undefined) continue;
    plane.rejected.set(name, { id: service.id, what: rejectionKey(service), why: why.slice(0, 2_000) });
    // It may be well without: then the next target finds it changed, and it is tried again.
    for (const { templates } of service.slots)
      if (templates.length > 0) plane.templates.refuse(templates, why);
    await disk.setAside(name);
    await disk.write(new Map([...before].filter(([file]) => file === serviceFile(name))));
    rejected.add(name);
  }
  const rest = await validate(binary, layout.dir, ['global.cfg', 'services/'], signal);
  if (rest === null) return rejected;
  throw new DataPlaneError(
    'data-plane-reload-failed',
    `HAProxy refuses the configuration: ${rest.slice(0, 2_000)}`,
  );
}

/** What of a service decides about its configuration: while it stays the same, it is not tried again. */
export function rejectionKey(service: Service): string {
  const slots = service.slots.map(
    (slot) => `${slot.slot}=${slot.mode},${slot.balance},${slot.checkKind},${slot.templates.join('\n')}`,
  );
  return [...slots, rulesText(service.rules), `cookie=${service.cookie}`].join(' ');
}
