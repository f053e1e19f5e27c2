/** The generated parts of the documentation: which file, between which markers, from what. */
import { findingsTable, verbsTable, verdictsTable } from './cli.ts';
import { optionsTable } from './configuration.ts';
import { decisionsTable, vocabulary } from './decisions.ts';
import { errorsTable } from './errors.ts';
import { browsersTable, gatewayKeys } from './gateways.ts';
import { labelsTable } from './labels.ts';
import { metricsTable } from './metrics.ts';
import { movingFlags, movingLabels, shadowKinds } from './moving.ts';
import { roomsTable } from './rooms.ts';
import { faultOutcomes, faultWords, transitionPhases } from './transitions.ts';

export interface Section {
  /** Relative to the repository's root. */
  readonly file: string;
  /** Stands in `<!-- generated: MARKER -->`; the part ends at the next `<!-- end -->`. */
  readonly marker: string;
  readonly render: () => string;
}

/** A new generated part is a new row here, and its markers in the file. */
export const sections: readonly Section[] = [
  { file: 'docs/cli.md', marker: 'verbs', render: verbsTable },
  { file: 'docs/cli.md', marker: 'verdicts', render: verdictsTable },
  { file: 'docs/cli.md', marker: 'findings', render: findingsTable },
  { file: 'docs/configuration.md', marker: 'options', render: optionsTable },
  { file: 'docs/decisions.md', marker: 'decisions', render: decisionsTable },
  { file: 'docs/decisions.md', marker: 'vocabulary', render: vocabulary },
  { file: 'docs/design.md', marker: 'rooms', render: roomsTable },
  { file: 'docs/errors.md', marker: 'errors', render: errorsTable },
  { file: 'docs/gateways.md', marker: 'browsers', render: browsersTable },
  { file: 'docs/gateways.md', marker: 'gateway-keys', render: gatewayKeys },
  { file: 'docs/labels.md', marker: 'labels', render: labelsTable },
  { file: 'docs/metrics.md', marker: 'metrics', render: metricsTable },
  { file: 'docs/moving-from-marathon-lb.md', marker: 'shadow-kinds', render: shadowKinds },
  { file: 'docs/moving-from-marathon-lb.md', marker: 'moving-labels', render: movingLabels },
  { file: 'docs/moving-from-marathon-lb.md', marker: 'moving-flags', render: movingFlags },
  { file: 'docs/transitions.md', marker: 'transition-phases', render: transitionPhases },
  { file: 'docs/transitions.md', marker: 'fault-outcomes', render: faultOutcomes },
  { file: 'docs/transitions.md', marker: 'fault-words', render: faultWords },
];

/**
 * The text with a generated part replaced.
 * @throws Error when the markers are not there
 */
export function replaced(text: string, section: Section): string {
  const open = `<!-- generated: ${section.marker} -->`;
  const start = text.indexOf(open);
  const end = text.indexOf('<!-- end -->', start);
  if (start < 0 || end < 0) throw new Error(`${section.file} has no part ${open} … <!-- end -->`);
  return `${text.slice(0, start)}${open}\n\n${section.render().trim()}\n\n${text.slice(end)}`;
}
