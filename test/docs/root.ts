/** Where the repository lies. */

export const root = new URL('../..', import.meta.url);
