/** Declares again only when something that labels hang on has changed. */
import { declare } from '../declared/declare.ts';
import { declaresTheSame, withSameServices } from '../declared/same.ts';
import type { Declaration, DeclareOptions, RememberedApp } from '../declared/types.ts';
import type { App } from '../model/app.ts';
import type { AppId } from '../model/ids.ts';

/** The same services, as objects, where nothing of them has changed since the last call. */
export type Declaring = (apps: ReadonlyMap<AppId, App>, remembered: readonly RememberedApp[]) => Declaration;

export function createDeclaring(options: DeclareOptions): Declaring {
  let last: { readonly apps: ReadonlyMap<AppId, App>; readonly declaration: Declaration } | null = null;
  return (apps, remembered) => {
    if (last !== null && last.declaration.remembered === remembered && sameApps(last.apps, apps)) {
      last = { apps, declaration: last.declaration };
      return last.declaration;
    }
    const fresh = declare(apps, remembered, options);
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
