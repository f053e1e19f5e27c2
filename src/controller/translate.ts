/** Notices of the ports, translated into facts. */
import type { DriverNotice } from '../dataplane/driver.ts';
import type { MarathonNotice } from '../marathon/watch.ts';
import type { Fact } from '../observe/facts.ts';

export function factOfMarathon(notice: MarathonNotice): Fact {
  switch (notice.kind) {
    case 'sync-failed':
      return {
        kind: 'marathon-sync-failed',
        reason: notice.reason,
        app: notice.app,
        problem: notice.error.message,
      };
    case 'connected':
      return { ...notice, kind: 'marathon-connected' };
    case 'disconnected':
      return { ...notice, kind: 'marathon-disconnected' };
    case 'event':
      return { ...notice, kind: 'marathon-event' };
    case 'synced':
      return { ...notice, kind: 'marathon-synced' };
    case 'request':
      return { ...notice, kind: 'marathon-request' };
    case 'rejected':
      return { ...notice, kind: 'marathon-rejected' };
  }
}

export function factOfDriver(notice: DriverNotice): Fact {
  switch (notice.kind) {
    case 'adopted':
      return { ...notice, kind: 'dataplane-adopted' };
    case 'started':
      return { ...notice, kind: 'dataplane-started' };
    case 'died':
      return { ...notice, kind: 'dataplane-died' };
    case 'reloaded':
      return { ...notice, kind: 'dataplane-reloaded' };
    case 'reload-failed':
      return { ...notice, kind: 'dataplane-reload-failed' };
  }
}
