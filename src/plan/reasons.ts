/** The sentences: one function a reason, so that the same case always reads the same. */
import type { DeclaredPool } from '../declared/types.ts';
import { percent } from '../model/weights.ts';
import { type AssessedPool, readyAt } from './assess.ts';
import type { Because, ReasonCode } from './because.ts';

function because(code: ReasonCode, text: string, facts: Because['facts'] = {}): Because {
  return { code, text, facts };
}

/** How people name an app: without the leading slash. */
export function nameOf(app: string): string {
  return app.replace(/^\//, '');
}

function named({ pool, priority }: AssessedPool): string {
  return `${nameOf(pool.app)} (priority ${priority})`;
}

export function onlyPool(pool: DeclaredPool): Because {
  return because('only-pool', `${nameOf(pool.app)} is the only version`, { priority: pool.priority });
}

export function highestPriority({ priority }: AssessedPool): Because {
  return because('highest-priority', `priority ${priority} is the highest that can serve`, {
    priority,
  });
}

export function sharesPriority(each: AssessedPool, share: number, byInstances: boolean): Because {
  const basis = byInstances ? `${each.up} of its endpoints up` : `weight ${each.pool.weight ?? 100}`;
  return because('shares-priority', `shares priority ${each.priority}: ${percent(share)} for ${basis}`, {
    priority: each.priority,
    share: share / 100,
    endpointsUp: each.up,
  });
}

export function failOver(each: AssessedPool, failed: AssessedPool): Because {
  return because('fail-over', `takes over from ${named(failed)}, which has ${lack(failed)}`, {
    priority: each.priority,
    failed: failed.pool.app,
  });
}

export function lastResort(each: AssessedPool): Because {
  return because(
    'last-resort',
    `nobody is ready; ${nameOf(each.pool.app)} has ${each.up} of ${each.needed ?? 0} up`,
    {
      endpointsUp: each.up,
      needed: each.needed ?? 0,
    },
  );
}

export function noEndpointUp(each: AssessedPool): Because {
  return because('no-endpoint-up', `${nameOf(each.pool.app)} has no endpoint up, and nobody else has one`, {
    endpoints: each.endpoints.length,
  });
}

export function noFailOver(each: AssessedPool): Because {
  return because(
    'no-fail-over',
    `${nameOf(each.pool.app)} has no endpoint up and is declared "failover": false`,
    {
      endpoints: each.endpoints.length,
    },
  );
}

export function scaledToZero(each: AssessedPool): Because {
  return because('scaled-to-zero', `${nameOf(each.pool.app)} is scaled to 0 instances`, { instances: 0 });
}

export function weightZero(pool: DeclaredPool): Because {
  return because('weight-zero', `${nameOf(pool.app)} declares weight 0`, { weight: 0 });
}

export function lowerPriority(each: AssessedPool, carrier: AssessedPool): Because {
  return because('lower-priority', `stands by: ${named(carrier)} carries the traffic`, {
    priority: each.priority,
    carrier: carrier.pool.app,
  });
}

export function draining(each: AssessedPool, timedOut: boolean): Because {
  const { sessions, pool } = each;
  const facts = { sessions, timeoutMs: pool.drain.timeoutMs };
  const open =
    sessions === 0
      ? 'its clients may stay'
      : `${sessions} ${sessions === 1 ? 'request' : 'requests'} still in progress`;
  if (!timedOut)
    return because(
      'draining',
      `${nameOf(pool.app)} gets no new ${sessions === 0 ? 'clients' : 'requests'}; ${open}`,
      facts,
    );
  const fate = pool.drain.then === 'close' ? 'closing them' : 'left alone as declared';
  return because(
    'drain-timeout',
    `${nameOf(pool.app)} has ${open} after ${seconds(pool.drain.timeoutMs)}: ${fate}`,
    facts,
  );
}

/** Why a pool that should carry traffic may not enter yet. */
export function waiting(now: number, each: AssessedPool): Because {
  const name = nameOf(each.pool.app);
  const facts = { healthy: each.healthy, passed: each.passed, needed: each.needed ?? 0 };
  if (each.readySince !== null) {
    const remaining = Math.max(0, readyAt(each.pool, each.readySince) - now);
    return because(
      'waiting-for-time',
      `${name} is all up; it must stay so for another ${seconds(remaining)}`,
      {
        ...facts,
        remainingMs: remaining,
      },
    );
  }
  if (each.healthy >= (each.needed ?? 1)) {
    return because(
      'waiting-for-check',
      `${name} is healthy at Marathon; ${each.passed} of ${each.needed} passed HAProxy's check`,
      facts,
    );
  }
  return because('waiting-for-instances', `${name} has ${lack(each)}`, facts);
}

export function noPools(): Because {
  return because('no-pools', 'no version of this service exists', {});
}

function lack(each: AssessedPool): string {
  if (each.app.instances === 0) return 'been scaled to 0 instances';
  if (each.up === 0 && each.healthy === 0) return `0 of ${each.needed ?? 0} instances up`;
  return `${Math.min(each.healthy, each.passed)} of ${each.needed ?? 0} instances up`;
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1000)} s`;
}
