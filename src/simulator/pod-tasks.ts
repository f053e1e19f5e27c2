/** The tasks of Mesos that an instance consists of: one of an app's instance, one for each container of a pod's. */
import { appId, safeName } from '../model/ids.ts';
import { hostPortsOf } from './pod-definition.ts';
import type { Instance, World } from './world.ts';

export interface MesosTask {
  readonly id: string;
  readonly ports: readonly number[];
}

/** In the order of containers; none before the instance is provisioned. */
export function mesosTasks(world: Pick<World, 'dialect'>, instance: Instance): readonly MesosTask[] {
  const { task, def } = instance;
  if (task === null) return [];
  if (def.pod === undefined) return [task];
  let at = 0;
  return def.pod.containers.map((container) => {
    const ports = task.ports.slice(at, (at += hostPortsOf(container).length));
    return { id: taskIdOf(world, instance, container.name), ports };
  });
}

/** The id under which the instance's task is launched: a pod's containers are one server, named after the first. */
export function launchId(world: Pick<World, 'dialect'>, instance: Instance): string {
  const [first] = instance.def.pod?.containers ?? [];
  if (first !== undefined) return taskIdOf(world, instance, first.name);
  return world.dialect.taskId(safeName(appId(instance.appId)), instance.uuid, instance.incarnation);
}

function taskIdOf({ dialect }: Pick<World, 'dialect'>, instance: Instance, container: string): string {
  return dialect.podTaskId(instance.id, container, instance.incarnation);
}
