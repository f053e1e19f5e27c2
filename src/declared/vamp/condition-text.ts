/** Writes a condition in Vamp's words, so that reading it again gives the same. */
import type { Condition } from './condition.ts';
import { browserNamed } from './user-agents.ts';

/** The condition in one line. Nothing is repeated: the text is as long as the tree is large. */
export function conditionText(condition: Condition): string {
  switch (condition.kind) {
    case 'or':
      return condition.operands.map(conditionText).join(' or ');
    case 'and':
      return condition.operands.map(tight).join(' and ');
    case 'not':
      return `not ${isList(condition.operand) ? `(${conditionText(condition.operand)})` : conditionText(condition.operand)}`;
    case 'host':
      return `host = ${quoted(condition.value)}`;
    case 'user-agent': {
      // After "user-agent" a browser's name would mean more than its letters.
      const subject = browserNamed(condition.value) === null ? 'user-agent' : 'header User-Agent';
      return `${subject} has ${quoted(condition.value)}`;
    }
    case 'has-header':
      return `has header ${quoted(condition.name)}`;
    case 'has-cookie':
      return `has cookie ${quoted(condition.name)}`;
    case 'header':
      return `header ${quoted(condition.name)} has ${quoted(condition.value)}`;
    case 'cookie':
      return `cookie ${quoted(condition.name)} has ${quoted(condition.value)}`;
    case 'raw':
      return `< ${condition.acl} >`;
  }
}

function tight(condition: Condition): string {
  return condition.kind === 'or' ? `(${conditionText(condition)})` : conditionText(condition);
}

function isList({ kind }: Condition): boolean {
  return kind === 'and' || kind === 'or';
}

/** Bare where that is safe; no text that was read holds both kinds of quotes and a blank. */
function quoted(text: string): string {
  if (/^[A-Za-z0-9._/:-]+$/.test(text)) return text;
  if (!text.includes('"')) return `"${text}"`;
  return text.includes("'") ? text : `'${text}'`;
}
