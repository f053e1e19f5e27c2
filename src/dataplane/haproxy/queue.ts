/** Lets one piece of work run at a time, in the order asked. */

export type Exclusive = <T>(work: () => Promise<T>) => Promise<T>;

export function createQueue(): Exclusive {
  let last: Promise<unknown> = Promise.resolve();
  return async (work) => {
    const mine = last.then(work, work);
    last = mine.catch(() => undefined);
    return await mine;
  };
}
