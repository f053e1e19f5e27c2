/** A document as JSON, when most of it is as it was: what stands in a list is written out once, and again when it is another object. */

export interface Text {
  /** The JSON of a value whose lists hold objects that never change. */
  of(value: unknown): string;
}

export function createText(): Text {
  const known = new WeakMap<object, string>();

  function ofElement(element: unknown): string {
    if (typeof element !== 'object' || element === null) return JSON.stringify(element) ?? 'null';
    const before = known.get(element);
    if (before !== undefined) return before;
    const text = JSON.stringify(element);
    known.set(element, text);
    return text;
  }

  function of(value: unknown): string {
    if (Array.isArray(value)) return `[${value.map(ofElement).join(',')}]`;
    if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
    const fields = Object.entries(value).filter(([, each]) => each !== undefined);
    return `{${fields.map(([name, each]) => `${JSON.stringify(name)}:${of(each)}`).join(',')}}`;
  }

  return { of };
}
