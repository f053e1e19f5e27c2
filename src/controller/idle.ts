/** For a Baton that changes nothing: nobody carries out what is wished, nobody is asked. */
import type { Asking } from './asking.ts';
import type { Fulfilment } from './fulfil.ts';

export const idle: {
  readonly fulfilment: Pick<Fulfilment, 'want' | 'states'>;
  readonly asking: Pick<Asking, 'ask' | 'answers'>;
} = {
  fulfilment: { want: () => {}, states: () => new Map() },
  asking: { ask: () => {}, answers: () => new Map() },
};
