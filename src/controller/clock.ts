/** Time for the shell of the program; the pure rooms get it as an argument. */
import { type Millis, millis } from '../model/ids.ts';

export type Clock = () => Millis;

/** The wall clock: what is remembered over restarts must mean the same afterwards. */
export const systemClock: Clock = () => millis(Date.now());
