/** On how many cases a property is tried: few each time in `npm test`, `TIMES` as many (20) in `npm run soak properties`. */

export function cases(few: number): number {
  return few * Number(process.env['TIMES'] ?? 1);
}
