/** What the reading of labels depends on besides the labels: the configuration, and the machine. */
import { networkInterfaces } from 'node:os';
import type { Config } from '../config/config.ts';
import type { DeclareOptions } from '../declared/types.ts';

export function declareOptions(config: Config): DeclareOptions {
  const localAddresses = Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).map(({ address }) => address),
  );
  return {
    mapPorts: config.mapPorts,
    localAddresses: new Set(localAddresses),
    groups: config.groups,
    strict: config.strictMode,
    bindHttpHttps: config.bindHttpHttps,
    portRange: config.servicePorts,
    vipListeners: config.vipListeners,
    allowTemplates: config.allowTemplates,
  };
}
