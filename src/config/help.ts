/** The help text of `baton run`, from the table of options. */
import { optionTable } from './options.ts';

/** Lines of at most `width` columns. */
export function optionsHelp(width = 80): string {
  const indent = 6;
  return optionTable
    .map((option) => {
      const head = `  --${option.flag}${option.value === null ? '' : ` ${option.value}`}${option.repeatable ? ' (repeatable)' : ''}`;
      const fallback = option.fallback === null ? '' : ` Default: ${option.fallback}.`;
      return [
        head,
        ...wrap(`${option.help}${fallback} [${option.env}]`, width - indent).map(
          (line) => ' '.repeat(indent) + line,
        ),
      ].join('\n');
    })
    .join('\n');
}

/** Breaks between words only; a longer word stands on a line of its own. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of text.split(' ')) {
    if (current !== '' && current.length + 1 + word.length > width) {
      lines.push(current);
      current = word;
    } else {
      current = current === '' ? word : `${current} ${word}`;
    }
  }
  return [...lines, current];
}
