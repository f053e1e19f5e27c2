/** The health checks of older versions of apps, as long as a task runs them. */
import type { HealthCheck } from '../model/app.ts';
import type { AppId } from '../model/ids.ts';
import { toHealthCheck } from './health.ts';
import type { WireApp, WireDefinition } from './schema.ts';
import { configVersion, olderVersions } from './to-model.ts';
import { isAtLeast } from './versions.ts';

/** Versions from `from` to `to` only scaled: they have the same checks. */
interface Span {
  readonly from: string;
  readonly to: string;
  readonly checks: readonly HealthCheck[];
}

interface Known {
  readonly spans: readonly Span[];
  /** Versions that Marathon no longer has. */
  readonly gone: readonly string[];
}

export interface Definitions {
  /** Remembers what an answer says of the version it describes, and of those before it that differ only in count. */
  learn(app: AppId, definition: WireDefinition): void;
  /** Remembers that Marathon does not have this version any more. */
  learnGone(app: AppId, version: string): void;
  checksOf(app: AppId, version: string): readonly HealthCheck[] | null;
  /** Versions that tasks of this app run and whose checks would have to be read. */
  missing(app: AppId, wire: WireApp): readonly string[];
  /** Drops what no task of the app refers to, but for its newest definition. */
  prune(app: AppId, wire: WireApp): void;
  forget(app: AppId): void;
}

export function createDefinitions(): Definitions {
  const all = new Map<AppId, Known>();
  const known = (app: AppId): Known => all.get(app) ?? { spans: [], gone: [] };
  const find = (app: AppId, version: string): Span | undefined =>
    known(app).spans.find(({ from, to }) => isAtLeast(version, from) && isAtLeast(to, version));

  function learn(app: AppId, definition: WireDefinition): void {
    const from = configVersion(definition);
    const { spans, gone } = known(app);
    const same = spans.find((span) => span.from === from);
    const to = same !== undefined && isAtLeast(same.to, definition.version) ? same.to : definition.version;
    const span: Span = { from, to, checks: definition.healthChecks.map(toHealthCheck) };
    all.set(app, { spans: [...spans.filter((each) => each !== same), span], gone });
  }

  return {
    learn,
    learnGone: (app, version) => {
      const { spans, gone } = known(app);
      all.set(app, { spans, gone: [...gone, version] });
    },
    checksOf: (app, version) => find(app, version)?.checks ?? null,
    missing: (app, wire) =>
      olderVersions(wire).filter(
        (version) => find(app, version) === undefined && !known(app).gone.includes(version),
      ),
    prune: (app, wire) => {
      const used = olderVersions(wire);
      const current = configVersion(wire);
      const { spans, gone } = known(app);
      all.set(app, {
        spans: spans.filter(
          ({ from, to }) =>
            isAtLeast(from, current) ||
            used.some((version) => isAtLeast(version, from) && isAtLeast(to, version)),
        ),
        gone: gone.filter((version) => used.includes(version)),
      });
    },
    forget: (app) => {
      all.delete(app);
    },
  };
}
