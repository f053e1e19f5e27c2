/** The one table of data planes: a new driver is a folder and a line here. */
import type { Driver, DriverContext } from './driver.ts';
import { createHaproxyDriver } from './haproxy/driver.ts';
import type { HaproxyOptions } from './haproxy/options.ts';
import { createMemoryDriver, type MemoryOptions } from './memory/driver.ts';

/** What each driver is made from. */
export interface DriverOptions {
  readonly haproxy: HaproxyOptions;
  readonly memory: MemoryOptions;
}

export type DriverName = keyof DriverOptions;

export const drivers: {
  readonly [Name in DriverName]: (options: DriverOptions[Name], context: DriverContext) => Driver;
} = {
  haproxy: createHaproxyDriver,
  memory: createMemoryDriver,
};
