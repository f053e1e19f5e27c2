/** Differences for people, on 80 columns. */
import { nameOf } from '../../plan/reasons.ts';
import type { ShadowDifference } from '../../plan/shadow/differences.ts';
import { indented } from '../text.ts';

/** @param marathon the hosts that were asked */
export function differenceLines(
  marathon: string,
  of: string,
  differences: readonly ShadowDifference[],
): readonly string[] {
  const what = `What Baton would do differently with the apps of ${marathon} than the HAProxy of ${of}:`;
  const backends = [...new Set(differences.map(({ backend }) => backend))];
  return [
    ...indented(0, what),
    ...backends.flatMap((backend) => {
      const own = differences.filter((each) => each.backend === backend);
      return ['', ...indented(0, `backend ${backend}${appsOf(own)}`, 2), ...own.flatMap(linesOf)];
    }),
    '',
    differences.length === 0 ? 'Nothing.' : `${differences.length} in all. Nothing was changed.`,
  ];
}

function appsOf(differences: readonly ShadowDifference[]): string {
  const apps = [...new Set(differences.flatMap(({ app }) => (app === null ? [] : [nameOf(app)])))];
  return apps.length === 0 ? '' : ` (app ${apps.join(', ')})`;
}

function linesOf({ kind, server, text }: ShadowDifference): readonly string[] {
  return [...indented(2, `${kind}${server === null ? '' : `: ${server}`}`, 2), ...indented(4, text)];
}
