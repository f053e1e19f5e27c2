/** The labels that hold lists: groups, virtual hosts, paths and networks. */
import { appLabels } from './app-labels.ts';
import { nameIn, readList, type Scope, textOf } from './fields.ts';
import { portLabels } from './port-labels.ts';
import { say } from '../report.ts';
import { listed } from '../show.ts';
import { groupName, mendedHost, network, pathPrefix, virtualHost } from './values.ts';

const nobody = (): null => null;
const blanks = /[ \t]+/;

/** The groups of the app, or of a port; null when the label is not there. */
export function readGroups(scope: Scope, of: 'app' | 'port'): readonly string[] | null {
  const row = of === 'app' ? appLabels.GROUP : portLabels.GROUP;
  const what = of === 'app' ? 'app' : 'port';
  const groups = readList(scope, row, {
    separator: /,/,
    parse: groupName,
    mend: nobody,
    instead: `the ${what} is in no group`,
  });
  const text = textOf(scope, row) ?? '';
  const isTrimmed = text.length < 1024 && text.split(',').some((each) => each !== each.trim());
  if (groups !== null && groups.length > 0 && isTrimmed) {
    say(scope.report, 'groups-trimmed', nameIn(scope, row), text, { groups: listed(groups, 5) });
  }
  return groups;
}

export function readHosts(scope: Scope): readonly string[] {
  const grammar = { separator: /,/, parse: virtualHost, mend: mendedHost, instead: 'there is none' };
  return readList(scope, portLabels.VHOST, grammar) ?? [];
}

export interface Paths {
  readonly paths: readonly string[];
  readonly ignoresCase: boolean;
  /** Whether paths were asked for and none is good: without them the port would take what it did not ask for. */
  readonly lost: boolean;
}

export function readPaths(scope: Scope): Paths {
  const paths = readList(scope, portLabels.PATH, {
    separator: blanks,
    flag: '-i',
    parse: pathPrefix,
    mend: nobody,
    instead: 'the port is not reached by virtual host',
  });
  const words = textOf(scope, portLabels.PATH)?.trim().split(blanks) ?? [];
  return { paths: paths ?? [], ignoresCase: words.includes('-i'), lost: paths?.length === 0 };
}

/** Where clients may come from; null: everywhere. With no good entry the port is closed. */
export function readNetworks(scope: Scope): readonly string[] | null {
  const row = portLabels.BACKEND_NETWORK_ALLOWED_ACL;
  return readList(scope, row, { separator: blanks, parse: network, mend: nobody, instead: null });
}
