/** Bad days on the command line: `--fault 'slow ms=500 route=/v2/apps*'`. */
import { faultKinds, type FaultOrder, problemWith } from '../simulator/faults-schema.ts';
import { nearest } from '../model/nearest.ts';

/**
 * A kind, and then `key=value` for what is not left at its default; lists are separated by commas.
 * @throws Error with a sentence that says what is wrong
 */
export function faultOf(text: string): FaultOrder {
  const [kind = '', ...words] = text.trim().split(/\s+/);
  if (!faultKinds.some((each) => each === kind)) {
    const near = nearest(kind, faultKinds);
    throw new Error(`there is no fault '${kind}'${near === null ? '' : `; did you mean '${near}'?`}`);
  }
  const order = { kind, ...Object.fromEntries(words.map(pairOf)) };
  const problem = problemWith(order);
  if (problem !== null) throw new Error(`the fault '${text}' makes no sense: ${problem}`);
  return order as FaultOrder;
}

function pairOf(word: string): readonly [string, unknown] {
  const [key = '', value = ''] = word.split(/=(.*)/s);
  if (key === 'types') return [key, value.split(',')];
  return [key, /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : value];
}
