/** A change of leader: streams end, health is forgotten, running deployments begin anew. */
import { start } from './deployments.ts';
import type { EventHub } from './event-hub.ts';
import { addHealthCheck, schedulerReregistered } from './events.ts';
import { forgetHealth } from './instance-health.ts';
import type { World } from './world.ts';

/**
 * What a Marathon cluster looks like from outside when another node takes over, without the time that an election
 * takes: no event is replayed, and every Marathon-level health result is unknown until the new leader has probed,
 * unless it is to keep what is known.
 */
export function changeLeader(world: World, hub: EventHub, health: 'forget' | 'keep'): void {
  hub.closeStreams();
  world.emit(schedulerReregistered(world));
  for (const app of world.apps.values()) {
    for (const check of app.def?.healthChecks ?? []) {
      world.emit(addHealthCheck(world, app.id, check, app.def?.version ?? ''));
    }
    for (const instance of app.instances.values()) {
      if (health === 'keep') continue;
      forgetHealth(world, instance);
      if (instance.condition !== 'Running') continue;
      world.health.unwatch(instance);
      world.health.watch(instance);
    }
  }
  for (const deployment of world.deployments.values()) {
    deployment.step = -1;
    deployment.runs = [];
    start(world, deployment);
  }
}
