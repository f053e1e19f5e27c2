/** The routes of the launch queue. */
import { appId } from '../model/ids.ts';
import { notFound } from './api-error.ts';
import { isPod } from './definition.ts';
import type { Answer, Exchange } from './http-answer.ts';
import { provisionLater } from './instances.ts';
import { type App, iso, type World } from './world.ts';

/** @returns null when there is no such route */
export function routeQueue(world: World, exchange: Exchange, rest: readonly string[]): Answer | null {
  if (exchange.method === 'GET' && rest.length === 0) {
    return { status: 200, body: { queue: [...world.apps.values()].flatMap((app) => itemOf(world, app)) } };
  }
  if (exchange.method !== 'DELETE' || rest.length < 2 || rest.at(-1) !== 'delay') return null;
  const app = world.apps.get(appId(rest.slice(0, -1).join('/')));
  const waiting = app === undefined ? [] : waitingOf(app);
  if (app === undefined || waiting.length === 0) {
    throw notFound(`Application ${rest.slice(0, -1).join('/')} not found in tasks queue.`);
  }
  app.delayUntil = 0;
  app.failures = 0;
  for (const instance of waiting) provisionLater(world, app, instance);
  return { status: 204 };
}

function itemOf(world: World, app: App): readonly object[] {
  const waiting = waitingOf(app);
  if (waiting.length === 0 || app.def === null) return [];
  const left = Math.max(0, Math.ceil((app.delayUntil - world.now()) / 1000));
  return [
    {
      count: waiting.length,
      ...(world.dialect.queueNamesRole ? { role: app.def.role } : {}),
      delay: { timeLeftSeconds: left, overdue: left === 0 },
      since: iso(Math.min(...waiting.map((instance) => instance.activeSince))),
      processedOffersSummary: {
        processedOffersCount: 0,
        unusedOffersCount: 0,
        rejectSummaryLastOffers: [],
        rejectSummaryLaunchAttempt: [],
      },
      ...(isPod(app.def) ? { pod: world.dialect.pod(app.def) } : { app: world.dialect.app(app.def) }),
    },
  ];
}

/** To be launched, and not launched yet. */
function waitingOf(app: App) {
  return [...app.instances.values()].filter(
    ({ condition, goal }) =>
      goal === 'Running' && (condition === 'Scheduled' || condition === 'Failed' || condition === 'Killed'),
  );
}
