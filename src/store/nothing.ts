/** A store that keeps nothing: for those who must leave no trace. */
import type { Store } from './store.ts';

export function createNoStore(): Store {
  return { load: async () => null, save: async () => {}, keepAside: async () => {} };
}
