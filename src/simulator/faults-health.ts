/** What a node answers that has probed nothing yet: tasks and counts as they are, and nobody's health. */

/** `leaveOut`: lists that are empty are not written. */
export function withoutHealth(body: unknown, leaveOut: boolean): unknown {
  if (Array.isArray(body)) return body.map((each) => withoutHealth(each, leaveOut));
  if (typeof body !== 'object' || body === null) return body;
  return Object.fromEntries(
    Object.entries(body).flatMap(([key, value]): readonly (readonly [string, unknown])[] => {
      if (key === 'healthCheckResults' && Array.isArray(value)) return leaveOut ? [] : [[key, []]];
      const isCount = /^(?:tasks)?(?:un)?healthy$/i.test(key) && typeof value === 'number';
      return [[key, isCount ? 0 : withoutHealth(value, leaveOut)]];
    }),
  );
}
