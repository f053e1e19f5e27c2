/** What all services share of a configuration, and whether the one that is loaded lacks something. */
import { pendingFile, type Texts } from './disk.ts';
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
import { namesFor, namesIn } from './names.ts';
import { type Plane, poolsOf } from './plane.ts';
import { probePort } from './ports.ts';
import { renderGlobal, settingsFrom, sizesFor, sizesIn } from './render-global.ts';
import type { Services } from './state.ts';
import { type FileKind, kindAfter } from './tls-files.ts';

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

/** A port of HAProxy's own was not probed on its other address; if that was what failed, it is left out next time. */
export async function refuseUnbindable(plane: Plane, frontends: readonly Frontend[]): Promise<void> {
  const until = Date.now() + (plane.options.portRetryMs ?? defaultPortRetryMs);
  for (const frontend of frontends) {
    if (plane.running.frontends.has(frontendName(frontend.key))) continue;
    const refusal = await probePort(frontend);
    if (refusal !== null) plane.refused.set(frontend.key, { frontend, refusal, until });
  }
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
