/** The routes of metrics: for every version JSON, since 1.7 text for Prometheus as well. */
import { countsOf } from './app-view.ts';
import { shownApps } from './cluster-view.ts';
import { groupTree } from './group-tree.ts';
import { type Answer, type Exchange, sendText } from './http-answer.ts';
import type { Numbers } from './metrics.ts';
import { prometheusText } from './metrics-format.ts';
import { shownPods } from './pod-view.ts';
import type { Tally } from './tally.ts';
import { iso, type World } from './world.ts';

/** `rest` are the path's segments after /metrics. @returns null when there is no such route */
export function routeMetrics(
  world: World,
  tally: Tally,
  eventStreams: number,
  exchange: Exchange,
  rest: readonly string[],
): Answer | null {
  const { metrics } = world.dialect;
  if (exchange.method !== 'GET') return null;
  if (rest.length === 0) {
    return { status: 200, body: metrics.json(metrics.of(numbersOf(world, tally, eventStreams))) };
  }
  if (rest.length > 1 || rest[0] !== 'prometheus' || !metrics.forPrometheus) return null;
  const text = prometheusText(metrics.of(numbersOf(world, tally, eventStreams)));
  sendText(exchange.response, 200, 'text/plain', text);
  return { status: 200 };
}

function numbersOf(world: World, tally: Tally, eventStreams: number): Numbers {
  const apps = shownApps(world);
  const pods = shownPods(world);
  const ids = {
    apps: apps.map(({ id }) => [id, {}] as const),
    pods: pods.map(({ id }) => [id, {}] as const),
  };
  const { running, staged } = countsOf(
    [...world.apps.values()].flatMap((app) => [...app.instances.values()]),
  );
  return {
    ...tally.read(),
    apps: apps.length,
    pods: pods.length,
    groups: groupTree(world.groups, ids, iso(world.lastVersion)).size,
    deployments: world.deployments.size,
    running,
    staged,
    eventStreams,
  };
}
