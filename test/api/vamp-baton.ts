/** A Baton's API with a controller behind it that keeps gateways, before a Marathon with two apps, old and new. */
import { createDeployments } from '../../src/controller/deployments.ts';
import type { Controller } from '../../src/controller/controller.ts';
import { tellingBaton } from '../cli/running.ts';
import { appOf, startRig } from '../controller/rig.ts';

export async function vampBaton(): Promise<{ readonly url: string; readonly controller: Controller }> {
  const rig = startRig();
  rig.setApps([appOf('/old', {}), appOf('/new', {})]);
  const { controller } = rig;
  const unasked = () => Promise.reject(new Error('Marathon is away'));
  const deployments = createDeployments({
    writer: { create: unasked, scale: unasked, delete: unasked, ended: unasked },
    cluster: () => ({ apps: new Map() }),
    controller,
    publish: () => {},
  });
  const url = await tellingBaton(
    {},
    { state: () => controller.state(), vamp: { keeper: controller, deployments, allowTemplates: false } },
  );
  return { url, controller };
}
