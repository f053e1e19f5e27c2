/** An address where nobody listens. */
import { freePort } from '../../support/free-ports.ts';

export async function deadUrl(): Promise<string> {
  return `http://127.0.0.1:${await freePort()}`;
}
