/** Words of a few: RAML's enums, which are read in any case since 1.5, and before only as they are written. */
import { z } from 'zod';

/** A word of these, in any case or exactly; what was read is the word as the type has it. */
export type Word = ReturnType<typeof words>;

/**
 * After Marathon's RAML type generator (`EnumT` in 1.5 to 1.7, `EnumVisitor` later): an enum's `reads` matches the
 * text in lower case, its `writes` gives the value of the type. The hand-written formats of 1.4 match it exactly.
 */
export function words(anyCase: boolean) {
  return <const Values extends readonly string[]>(...values: Values) =>
    z.preprocess((given) => (anyCase ? canonical(given, values) : given), z.enum(values));
}

/** A protocol of a port. Before 1.5 any text is of the right type, and a rule says which may be (`validate.ts`). */
export function transport(word: Word, anyCase: boolean): z.ZodType<string> {
  return anyCase ? word('tcp', 'udp', 'udp,tcp') : z.string();
}

function canonical(given: unknown, values: readonly string[]): unknown {
  if (typeof given !== 'string') return given;
  return values.find((value) => value.toLowerCase() === given.toLowerCase()) ?? given;
}
