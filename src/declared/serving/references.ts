/** Which entries of `ab_config` are about services of marathon-lb's labels and of VIPs, and what they mean there. */
import type { App } from '../../model/app.ts';
import type { AppId } from '../../model/ids.ts';
import { diagnose } from '../diagnostics.ts';
import type { MemberIntent } from '../intent.ts';
import { listed, show } from '../show.ts';
import type { Source } from '../sources.ts';
import type { Diagnostic } from '../types.ts';
import type { Meaning, Names } from './names.ts';
import type { Node } from './node.ts';
import { servingReadingOf } from './readings.ts';

/** An app that becomes a pool of a service by naming it. */
export interface Reference {
  readonly source: Source;
  readonly app: App;
  readonly member: MemberIntent;
  readonly meanings: readonly Meaning[];
}

export interface References {
  /** What is declared about an app's own ports, by node. */
  readonly own: ReadonlyMap<string, MemberIntent>;
  readonly others: readonly Reference[];
  /** Whether the entry has been dealt with here. */
  readonly isMeant: (app: AppId, service: AppId) => boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** @param isListener whether a service of the Avi dialect has that name, which then comes first */
export function referencesOf(
  sources: readonly Source[],
  names: Names,
  sets: readonly (readonly Node[])[],
  isListener: (service: AppId) => boolean,
): References {
  const setOf = new Map(sets.flatMap((set) => set.map((node) => [node.id, set] as const)));
  const own = new Map<string, MemberIntent>();
  const others: Reference[] = [];
  const meant = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  for (const source of sources) {
    const { app } = source;
    if (app === null) continue;
    for (const member of source.intent.members) {
      if (member.service === app.id) {
        // The entry is about all that the app serves by itself, which may be nothing here.
        for (const node of names.own(app, member.port)) own.set(node.id, member);
        if (hasServingLabel(app)) meant.add(`${app.id} ${member.service}`);
        continue;
      }
      if (isListener(member.service)) continue;
      const meanings = names.meaningsOf(member.service);
      if (meanings.length === 0) continue;
      meant.add(`${app.id} ${member.service}`);
      const targets = new Set(meanings.flatMap(({ nodes: all }) => all.map((node) => setOf.get(node.id))));
      const [set] = targets;
      if (targets.size > 1 || set === undefined) {
        if (!source.fallback) diagnostics.push(ambiguous(source, member, meanings));
        continue;
      }
      const mine = set.find((node) => node.app.id === app.id);
      if (mine === undefined) others.push({ source, app, member, meanings });
      else if (!own.has(mine.id) || own.get(mine.id)?.service === app.id) own.set(mine.id, member);
    }
  }
  return { own, others, isMeant: (app, service) => meant.has(`${app} ${service}`), diagnostics };
}

function hasServingLabel(app: App): boolean {
  const { marathonLb, vips } = servingReadingOf(app);
  return marathonLb.labelled || vips.length > 0;
}

function ambiguous(source: Source, member: MemberIntent, meanings: readonly Meaning[]): Diagnostic {
  const things = meanings.map(({ what, nodes }) => {
    const apps = [...new Set(nodes.map((node) => node.app.id))];
    return `the ${what} of ${listed(apps, 3)}`;
  });
  const about = { app: source.id, label: 'ab_config', value: source.intent.abConfig };
  return diagnose('service-ambiguous', about, {
    service: show(member.service),
    things: things.join(' and '),
  });
}
