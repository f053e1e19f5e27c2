/** Observed state from what was read back. */
import type { ServerName, ServiceId } from '../../model/ids.ts';
import type { Observed, ObservedEndpoint, ObservedService } from '../../plan/observed.ts';
import type { Counters } from './counters.ts';
import { eachInParts } from './breathe.ts';
import { failoverServer } from './failover-server.ts';
import type { Row } from './parse.ts';
import { parseSplitRow } from './split.ts';
import { backendName, type Service } from './state.ts';
import type { Maps } from './maps.ts';

export interface Sources {
  readonly services: readonly Service[];
  readonly maps: Pick<Maps, 'split'>;
  readonly statistics: readonly Row[];
  readonly sessions: ReadonlyMap<string, number>;
  readonly counted: Counters['of'];
}

export async function observedFrom(sources: Sources): Promise<Observed> {
  /** By backend, then by server. */
  const rows = new Map<string, Map<string, Row>>();
  for (const row of sources.statistics) {
    if (row['type'] !== '2' || row['svname'] === failoverServer) continue;
    const backend = row['pxname'] ?? '';
    const known = rows.get(backend);
    if (known === undefined) rows.set(backend, new Map([[row['svname'] ?? '', row]]));
    else known.set(row['svname'] ?? '', row);
  }
  const services = new Map<ServiceId, ObservedService>();
  await eachInParts(sources.services, (service) => {
    const weights = parseSplitRow(sources.maps.split.get(service.name) ?? '');
    services.set(service.id, {
      service: service.id,
      slots: service.slots.map((slot) => {
        const backend = backendName(service.name, slot.slot);
        const sessions = sources.sessions.get(backend) ?? 0;
        const endpoints = new Map<ServerName, ObservedEndpoint>();
        const own = rows.get(backend);
        for (const server of slot.servers.values()) {
          const row = own?.get(server.name);
          const inRotation = server.rotation === 'in';
          endpoints.set(server.name, {
            check: checkOf(row, inRotation),
            inRotation,
            // Also what older workers still have of it.
            sessions: sources.sessions.get(`${backend}/${server.name}`) ?? 0,
          });
        }
        return {
          slot: slot.slot,
          app: slot.app,
          balance: slot.balance,
          checkKind: slot.checkKind,
          weight: weights.get(slot.slot) ?? 0,
          sessions,
          endpoints,
          ...sources.counted(backend, slot.mode),
        };
      }),
    });
  });
  return { services };
}

/**
 * A server that was never probed says `INI`; up and in rotation it was so before a reload. One that is coming up for
 * the first time is down with a good probe behind it, or came with the configuration: then it is up already, and its
 * first probes decide.
 */
function checkOf(row: Row | undefined, inRotation: boolean): ObservedEndpoint['check'] {
  const status = row?.['status'] ?? '';
  const probe = (row?.['check_status'] ?? '').replace('* ', '');
  const isGood = /^L\dOKC?$/.test(probe);
  if (status.startsWith('UP') || status === 'no check') return isGood || inRotation ? 'passed' : 'pending';
  if (!status.startsWith('DOWN') || probe === '' || probe === 'INI') return 'pending';
  return isGood && !inRotation ? 'pending' : 'failed';
}
