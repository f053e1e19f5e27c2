/** Declares again only when something that labels hang on has changed. */
import { declare } from '../declared/declare.ts';
import { declaresTheSame, withSameServices } from '../declared/same.ts';
import type { Declaration, DeclareOptions, RememberedApp } from '../declared/types.ts';
import type { Gateway } from '../declared/vamp/gateway.ts';
import type { App } from '../model/app.ts';
import type { AppId } from '../model/ids.ts';

/** The same services, as objects, where nothing of them has changed since the last call. */
export type Declaring = (
  apps: ReadonlyMap<AppId, App>,
  remembered: readonly RememberedApp[],
  gateways: readonly Gateway[],
) => Declaration;

interface Last {
  readonly apps: ReadonlyMap<AppId, App>;
  readonly declaration: Declaration;
}

export function createDeclaring(options: DeclareOptions): Declaring {
  let last: Last | null = null;
  return (apps, remembered, gateways) => {
    const isSame = last?.declaration.gateways === gateways && last.declaration.remembered === remembered;
    if (last !== null && isSame && sameApps(last.apps, apps)) {
      last = { ...last, apps };
      return last.declaration;
    }
    const fresh = declare(apps, remembered, options, gateways);
    last = { apps, declaration: last === null ? fresh : withSameServices(last.declaration, fresh) };
    return last.declaration;
  };
}

function sameApps(before: ReadonlyMap<AppId, App>, after: ReadonlyMap<AppId, App>): boolean {
  if (before === after) return true;
  if (before.size !== after.size) return false;
  for (const [id, app] of after) {
    const known = before.get(id);
    if (known === undefined || !declaresTheSame(known, app)) return false;
  }
  return true;
}
