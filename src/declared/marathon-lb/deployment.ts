/** Reads `HAPROXY_DEPLOYMENT_*`, which tie the two colours of a blue/green deployment together. */
import { appId } from '../../model/ids.ts';
import { appLabels } from './app-labels.ts';
import { read, type Scope } from './fields.ts';
import { isoTime } from './iso-time.ts';
import type { Deployment } from './types.ts';
import { idPath, wholeNumber } from './values.ts';

/** A bad label counts as absent; in particular an empty group, with which marathon-lb stops altogether, is none. */
export function readDeployment(scope: Scope): Deployment {
  const instances = (text: string): number | null => wholeNumber(text, 0, 1_000_000);
  const group = read(scope, appLabels.DEPLOYMENT_GROUP, idPath);
  const original = read(scope, appLabels.APP_ID, idPath);
  return {
    group: group === null ? null : appId(group),
    colour: read(scope, appLabels.DEPLOYMENT_COLOUR, colourOf),
    startedAt: read(scope, appLabels.DEPLOYMENT_STARTED_AT, isoTime),
    targetInstances: read(scope, appLabels.DEPLOYMENT_TARGET_INSTANCES, instances),
    newInstances: read(scope, appLabels.DEPLOYMENT_NEW_INSTANCES, instances),
    altPort: read(scope, appLabels.DEPLOYMENT_ALT_PORT, (text) => wholeNumber(text, 1, 65_535)),
    originalApp: original === null ? null : appId(original),
  };
}

function colourOf(text: string): 'blue' | 'green' | null {
  return text === 'blue' || text === 'green' ? text : null;
}
