/** The log: one line a fact that a person may want to read at night. Messages are constant, what varies is in fields. */
import type { Logger } from 'pino';
import type { ShadowDifference } from '../plan/shadow/differences.ts';
import type { ServicePhase } from '../plan/verdict.ts';
import type { Fact, Observer } from './facts.ts';
import { gatewayLine, gatewayMessages } from './gateway-lines.ts';
import { type Level, type Line, line, readable, why } from './line.ts';
import type { TransitionFact } from './transition-facts.ts';
import { transitionLine, transitionMessages } from './transition-lines.ts';

/**
 * A trouble that lasts is told once, and again when its reason changes; its repetitions are for debugging. So is what is
 * well, but not when it ends a trouble that was told.
 */
export function createLogObserver(logger: Logger): Observer {
  /** By kind, and there by whom it is about. */
  const told = new Map<Fact['kind'], Map<string, string>>();
  return (fact) => {
    const line = lineOf(fact);
    const ended = (endsTrouble[fact.kind] ?? []).filter((kind) => told.delete(kind));
    if (line === null) return;
    const trouble = troubleOf(fact);
    const known = told.get(fact.kind) ?? new Map<string, string>();
    // Several addresses are tried in turn, each with a trouble of its own.
    const subject = fact.kind === 'marathon-disconnected' ? fact.url : '';
    const repeated = trouble !== null && known.get(subject) === trouble;
    if (trouble !== null) told.set(fact.kind, known.set(subject, trouble));
    const level = ended.length > 0 && line.level === 'debug' ? 'info' : line.level;
    logger[repeated ? 'debug' : level](line.fields, line.message);
  };
}

const endsTrouble: Readonly<Partial<Record<Fact['kind'], readonly Fact['kind'][]>>> = {
  'marathon-connected': ['marathon-disconnected'],
  'marathon-synced': ['marathon-sync-failed'],
  'shadow-compared': ['shadow-unreadable'],
  'traffic-moved': ['verify-failed'],
  'reconcile-recovered': ['reconcile-failed'],
};

function troubleOf(fact: Fact): string | null {
  switch (fact.kind) {
    case 'marathon-disconnected':
      return fact.reason;
    case 'marathon-sync-failed':
    case 'reconcile-failed':
    case 'shadow-unreadable':
      return fact.problem;
    case 'verify-failed':
      return fact.differences.join('; ');
    default:
      return null;
  }
}

/** Null for what nobody wants to read. */
export function lineOf(fact: Fact): Line | null {
  if (fact.kind === 'counted') return null;
  if (isTransition(fact)) return transitionLine(fact);
  const { kind, ...fields } = fact;
  switch (fact.kind) {
    case 'traffic-moved': {
      const { because, service } = fact;
      return line('info', 'traffic moved', {
        service,
        from: readable(fact.from),
        to: readable(fact.to),
        ...why(because),
      });
    }
    case 'phase-changed':
      return line(quietPhases.has(fact.phase) ? 'info' : 'warn', 'service changed phase', {
        service: fact.service,
        phase: fact.phase,
        ...why(fact.because),
      });
    case 'diagnostic-raised':
      return line(fact.diagnostic.severity === 'info' ? 'info' : 'warn', 'diagnostic raised', {
        ...fact.diagnostic,
      });
    case 'diagnostic-cleared': {
      const { app, label, code } = fact.diagnostic;
      return line('info', 'diagnostic cleared', { app, label, code });
    }
    case 'gateway-changed':
    case 'gateway-regrouped':
      return gatewayLine(fact);
    case 'reconciled':
      return fact.changes === 0
        ? null
        : line('debug', 'reconciled', { durationMs: fact.durationMs, changes: fact.changes });
    case 'shadow-difference': {
      const { change, difference } = fact;
      return change === 'raised'
        ? line('warn', 'baton would differ from the other HAProxy', { ...difference })
        : line('info', 'baton would not differ there any more', { ...difference });
    }
    case 'shadow-compared': {
      const { of, changed, differences } = fact;
      return line(changed ? 'info' : 'debug', messages[kind], { of, ...countsOf(differences) });
    }
    case 'marathon-event':
      return line('debug', messages[kind], fields);
    case 'marathon-request':
      return line('debug', messages[kind], { ...fields, durationMs: Math.round(fact.durationMs) });
    case 'marathon-sync-failed': {
      const { app, ...others } = fields as Omit<typeof fact, 'kind'>;
      return line('warn', messages[kind], app === null ? others : { app, ...others });
    }
    case 'marathon-synced':
      return line(fact.reason === 'start' || fact.reason === 'reconnect' ? 'info' : 'debug', messages[kind], {
        ...fields,
        durationMs: Math.round(fact.durationMs),
      });
    case 'dataplane-adopted':
    case 'dataplane-started':
    case 'dataplane-died':
      // A field named pid is that of the process that logs, by pino's convention.
      return line(levels[kind] ?? 'info', messages[kind], { haproxyPid: fact.pid });
    default:
      return line(levels[kind] ?? 'info', messages[kind], fields);
  }
}

function countsOf(differences: readonly ShadowDifference[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = { differences: differences.length };
  for (const { kind } of differences) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

function isTransition(fact: Fact): fact is TransitionFact {
  return Object.hasOwn(transitionMessages, fact.kind);
}

export const messages: Readonly<Record<Exclude<Fact['kind'], 'counted'>, string>> = {
  starting: 'baton is starting',
  listening: 'API, metrics and health are served',
  ready: 'in step with Marathon and with HAProxy',
  stopping: 'baton is stopping',
  stopped: 'baton has stopped',
  'traffic-moved': 'traffic moved',
  'phase-changed': 'service changed phase',
  'service-appeared': 'service appeared',
  'service-vanished': 'service vanished',
  'diagnostic-raised': 'diagnostic raised',
  'diagnostic-cleared': 'diagnostic cleared',
  reconciled: 'reconciled',
  'reconcile-failed': 'could not bring HAProxy in step; will try again',
  'reconcile-recovered': 'in step with HAProxy again',
  'read-doubted': 'an answer of Marathon takes much away; nothing is removed before a second one agrees',
  'read-believed': 'what Marathon says is believed again',
  'endpoints-withdrawn': 'endpoints were taken out of rotation because of an event',
  'verify-failed': 'HAProxy does not run what was applied; applying again',
  'memory-not-saved': 'could not save the memory; will try again',
  'journal-not-saved': 'could not save the history; will try again',
  'journal-damaged': 'lines of the history were damaged and are left out',
  'memory-damaged': 'the saved memory was damaged and is kept aside',
  ...gatewayMessages,
  'deployment-changed': 'a blueprint was deployed or taken away by somebody',
  'app-not-removed': 'an app of a deployment could not be taken away',
  'marathon-connected': 'connected to Marathon',
  'marathon-disconnected': 'not connected to Marathon; traffic goes on as it was',
  'marathon-event': 'event from Marathon',
  'marathon-synced': 'read the apps from Marathon',
  'marathon-sync-failed': 'could not read the apps from Marathon; will try again',
  'marathon-request': 'request to Marathon',
  'marathon-rejected': 'an answer of Marathon has a part that makes no sense; left out',
  'dataplane-adopted': 'adopted the running HAProxy',
  'dataplane-started': 'started HAProxy',
  'dataplane-died': 'HAProxy died; starting it again',
  'dataplane-reloaded': 'reloaded HAProxy',
  'dataplane-reload-failed': 'HAProxy refused a configuration; the one before stays',
  'shadow-difference': 'baton would differ from the other HAProxy',
  'shadow-compared': 'compared with the other HAProxy',
  'shadow-unreadable': 'could not read the statistics of the other HAProxy; will try again',
  ...transitionMessages,
};

const quietPhases: ReadonlySet<ServicePhase> = new Set(['settled', 'waiting', 'transition', 'draining']);

const levels: Readonly<Partial<Record<Fact['kind'], Level>>> = {
  'reconcile-failed': 'error',
  'read-doubted': 'warn',
  'endpoints-withdrawn': 'debug',
  'verify-failed': 'warn',
  'memory-not-saved': 'error',
  'memory-damaged': 'error',
  'journal-not-saved': 'error',
  'journal-damaged': 'warn',
  'app-not-removed': 'error',
  'marathon-disconnected': 'warn',
  'marathon-rejected': 'warn',
  'dataplane-died': 'error',
  'dataplane-reload-failed': 'error',
  'shadow-unreadable': 'warn',
};
