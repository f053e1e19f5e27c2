/** From the present definitions to the wanted ones: versions and the ordered steps of a deployment. */
import { isOnlyScaleChange, isUpgrade, needsRestart, sameJson } from './compare.ts';
import { type AppDefinition, isPod } from './definition.ts';

export type Verb = 'Start' | 'Scale' | 'Restart' | 'Stop';

export type Action =
  | { readonly action: `${Verb}Application`; readonly app: string }
  | { readonly action: `${Verb}Pod`; readonly pod: string };

function actionOn(verb: Verb, id: string, def: AppDefinition | undefined): Action {
  if (def === undefined || !isPod(def)) return { action: `${verb}Application`, app: id };
  return { action: `${verb}Pod`, pod: id };
}

/** The app or pod that an action is about. */
export function idIn(action: Action): string {
  return 'app' in action ? action.app : action.pod;
}

export function verbIn({ action }: Action): Verb {
  return action.replace(/Application$|Pod$/, '') as Verb;
}

export interface Step {
  readonly actions: readonly Action[];
}

/** A plan as events write it; only heavy ones hold the root group before and after. */
export interface Plan {
  readonly id: string;
  readonly original?: object;
  readonly target?: object;
  readonly steps: readonly Step[];
  readonly version: string;
}

export type Root = ReadonlyMap<string, AppDefinition>;

/**
 * Gives a wanted definition its version (Marathon's `GroupVersioningUtil`): a change of the configuration moves both
 * times of `versionInfo`, a change of the instance count only `lastScalingAt`, no change keeps the old version.
 */
export function withVersion(
  from: AppDefinition | undefined,
  to: AppDefinition,
  version: string,
): AppDefinition {
  if (from === undefined || isUpgrade(from, to)) return withNewConfig(to, version);
  if (isOnlyScaleChange(from, to)) {
    return { ...to, version, versionInfo: { ...from.versionInfo, lastScalingAt: version } };
  }
  return { ...to, version: from.version, versionInfo: from.versionInfo };
}

/** The same definition under a new version, as a restart makes it. */
export function withNewConfig(app: AppDefinition, version: string): AppDefinition {
  return { ...app, version, versionInfo: { lastScalingAt: version, lastConfigChangeAt: version } };
}

/**
 * The steps of a deployment (Marathon's `DeploymentPlan.dependencyOrderedSteps`): what is gone stops first, what is
 * new starts next, then everything changed is scaled or restarted, the lowest levels first: others depend on them.
 */
export function planSteps(
  original: Root,
  target: Root,
  levelOf: ReadonlyMap<string, number>,
): readonly Step[] {
  const stopped = [...original.keys()].filter((app) => !target.has(app)).sort();
  const started = [...target.keys()].filter((app) => !original.has(app)).sort();
  const levels = new Map<number, Action[]>();
  for (const [id, app] of [...target].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const verb = verbFor(original.get(id), app);
    if (verb === null) continue;
    const level = levelOf.get(id) ?? 0;
    levels.set(level, [...(levels.get(level) ?? []), actionOn(verb, id, app)]);
  }
  const steps: Step[] = [
    { actions: stopped.map((id) => actionOn('Stop', id, original.get(id))) },
    { actions: started.map((id) => actionOn('Start', id, target.get(id))) },
    ...[...levels.entries()].sort(([a], [b]) => a - b).map(([, actions]) => ({ actions })),
  ];
  return steps.filter((step) => step.actions.length > 0);
}

function verbFor(from: AppDefinition | undefined, to: AppDefinition): Verb | null {
  if (from === undefined) return 'Scale';
  if (sameJson(from, to)) return null;
  if (isOnlyScaleChange(from, to) || to.instances === 0) return 'Scale';
  return needsRestart(from, to) ? 'Restart' : null;
}
