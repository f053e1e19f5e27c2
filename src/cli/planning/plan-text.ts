/** Plans for people: what changes, service by service, on 80 columns. */
import { nameOf } from '../../plan/reasons.ts';
import { diagnosticLines, headed, indented, percentText, serviceLines } from '../text.ts';
import type { PoolChange, ServiceChange } from './changes.ts';
import type { ShownDiagnostic, ShownService } from './shown.ts';

export function changeLines(changes: readonly ServiceChange[]): readonly string[] {
  if (changes.length === 0) return ['', 'Nothing.'];
  return changes.flatMap(({ service, change, listeners, pools }) => [
    '',
    ...indented(0, `service ${nameOf(service)}: ${change}`, 2),
    ...listenerLines(listeners),
    ...pools.flatMap(poolLines),
  ]);
}

function listenerLines({ before, after }: ServiceChange['listeners']): readonly string[] {
  if (before.join() === after.join()) return indented(2, `on ${named(after)}, as before`, 3);
  if (before.length === 0) return indented(2, `on ${named(after)}`, 3);
  return [...indented(2, `on ${named(after)}`, 3), ...indented(2, `before on ${named(before)}`, 3)];
}

function named(binds: readonly string[]): string {
  return binds.length === 0 ? 'no listener' : binds.join(', ');
}

function poolLines({ app, before, after, because }: PoolChange): readonly string[] {
  const share = (weight: number | null, none: string) =>
    (weight === null ? none : percentText(weight)).padStart(8);
  const arrow = `${share(before, 'new')} ->${share(after, 'gone')}`;
  return [...headed(`  ${arrow}  `, nameOf(app)), ...(because === null ? [] : indented(24, because.text))];
}

/** The services that have something left to do. */
export function pendingLines(pending: readonly ShownService[], all: number): readonly string[] {
  const settled = all - pending.length;
  return [
    ...pending.flatMap((service) => ['', ...serviceLines(service)]),
    '',
    ...(pending.length === 0
      ? [`Nothing: ${all === 1 ? 'the one service is' : `all ${all} services are`} settled.`]
      : [`${settled} of ${all} ${all === 1 ? 'service is' : 'services are'} settled.`]),
  ];
}

export function diagnosticsLines(diagnostics: readonly ShownDiagnostic[]): readonly string[] {
  return diagnostics.length === 0 ? [] : ['', 'diagnostics', ...diagnostics.flatMap(diagnosticLines)];
}
