/** The generated parts of the documentation: which file, between which markers, from what. */
import { labelsTable } from './labels.ts';

export interface Section {
  /** Relative to the repository's root. */
  readonly file: string;
  /** Stands in `<!-- generated: MARKER -->`; the part ends at the next `<!-- end -->`. */
  readonly marker: string;
  readonly render: () => string;
}

/** A new generated part is a new row here, and its markers in the file. */
export const sections: readonly Section[] = [
  { file: 'docs/labels.md', marker: 'labels', render: labelsTable },
];

export const root = new URL('../..', import.meta.url);

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
