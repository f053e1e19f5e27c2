/** Proves by a dry run that a change restarts no task: Baton never makes one that was not proven. */
import type { AppId } from '../model/ids.ts';
import { groupPathOf } from './app-path.ts';
import { MarathonError } from './errors.ts';
import type { Definition, RestWrites } from './rest-writes.ts';
import type { WirePlan, WireSubject } from './schema-writes.ts';

/**
 * Fields that a partial update drops when it does not repeat them: `executorResources` since 1.6 and `resourceLimits`
 * since 1.10, where that restarts all tasks (Marathon's `AppConversion.appUpdateRamlReader`).
 */
const droppedByUpdates = ['resourceLimits', 'executorResources'] as const;

/** The smallest partial update that changes nothing but the number of instances. */
export function scaling(app: WireSubject, instances: number): Definition {
  const repeated = droppedByUpdates.filter((field) => (app[field] ?? null) !== null);
  return { instances, ...Object.fromEntries(repeated.map((field) => [field, app[field]])) };
}

export type Proposal =
  /** A partial update. */
  | { readonly kind: 'scale'; readonly body: Definition }
  /** Kills with `scale=true` touch nothing but the number of instances. */
  | { readonly kind: 'kill'; readonly instances: number }
  | { readonly kind: 'delete' };

export interface Prover {
  /**
   * Resolves when the change restarts nothing. Asks Marathon once for each kind of change, configuration of the app and
   * version of Marathon.
   * @throws MarathonError `unsafe` when it would restart, `unproven` when Marathon does not tell
   */
  prove(app: WireSubject, id: AppId, proposal: Proposal, signal: AbortSignal): Promise<void>;
}

/** So many proofs are remembered. */
const mostProofs = 1000;

export function createProver(rest: RestWrites): Prover {
  const proven = new Map<string, string>();

  return {
    prove: async (app, id, proposal, signal) => {
      const name = `${proposal.kind} ${id}`;
      const release = await known(rest.release(signal));
      const subject = release === null ? null : `${release} ${configOf(app)}`;
      if (subject !== null && proven.get(name) === subject) return;
      judge(id, proposal, await rehearse(rest, id, proposal, signal));
      // Any change of an app to 0 instances counts as scaling: that proves nothing for the next one.
      if (subject === null || instancesAfter(proposal) === 0) return;
      proven.delete(name);
      proven.set(name, subject);
      const [oldest] = proven.keys();
      if (proven.size > mostProofs && oldest !== undefined) proven.delete(oldest);
    },
  };
}

/** Who may not read Marathon's version has every change proven anew. */
async function known(release: Promise<string>): Promise<string | null> {
  try {
    return await release;
  } catch (error) {
    if (error instanceof MarathonError && !error.retryable && error.code !== 'aborted') return null;
    throw error;
  }
}

function configOf(app: WireSubject): string {
  const { versionInfo } = app;
  const at = typeof versionInfo === 'object' && versionInfo !== null && 'lastConfigChangeAt' in versionInfo;
  return at ? String(versionInfo.lastConfigChangeAt) : app.version;
}

function instancesAfter(proposal: Proposal): unknown {
  if (proposal.kind === 'delete') return 0;
  return proposal.kind === 'kill' ? proposal.instances : proposal.body['instances'];
}

async function rehearse(
  rest: RestWrites,
  id: AppId,
  proposal: Proposal,
  signal: AbortSignal,
): Promise<WirePlan> {
  try {
    const apps = await rest.neighbours(id, signal);
    return await rest.plan(
      id,
      apps.flatMap((each) => (each['id'] === id ? changed(each, proposal) : [clean(each)])),
      signal,
    );
  } catch (error) {
    if (!(error instanceof MarathonError) || error.retryable || error.code === 'aborted') throw error;
    const group = groupPathOf(id) || '/';
    throw new MarathonError(
      'unproven',
      `Marathon does not tell what a change of ${id} would do, so nothing was changed: ${error.message}; this user needs the right to update the group ${group} (what Baton asks with dryRun=true changes nothing)`,
      error,
    );
  }
}

/** The app as the change would leave it, with what an update drops dropped. */
function changed(definition: Definition, proposal: Proposal): readonly Definition[] {
  if (proposal.kind === 'delete') return [];
  if (proposal.kind === 'kill') return [{ ...clean(definition), instances: proposal.instances }];
  const kept = without(clean(definition), droppedByUpdates);
  return [{ ...kept, ...proposal.body }];
}

/**
 * A definition that Marathon takes back as it is. 1.4 writes nulls, and `uris` and `ports` beside the newer fields that
 * say the same, and refuses both together.
 */
function clean(definition: Definition): Definition {
  const doubled = [
    ...('fetch' in definition ? ['uris'] : []),
    ...('portDefinitions' in definition ? ['ports'] : []),
  ];
  return withoutNulls(without(definition, [...notDefinition, ...doubled])) as Definition;
}

const notDefinition = [
  'version',
  'versionInfo',
  'tasks',
  'tasksStaged',
  'tasksRunning',
  'tasksHealthy',
  'tasksUnhealthy',
  'deployments',
  'lastTaskFailure',
  'readinessCheckResults',
  'taskStats',
  'tasksStats',
];

function without(definition: Definition, names: readonly string[]): Definition {
  return Object.fromEntries(Object.entries(definition).filter(([name]) => !names.includes(name)));
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== null)
      .map(([key, each]) => [key, withoutNulls(each)]),
  );
}

/**
 * Only what the plan says of this app counts. A dry run gives every app of the group that is written a new version, and
 * so "restarts" its neighbours, which the change itself does not touch (Marathon's `GroupsResource.update`, which plans
 * without `GroupVersioningUtil`).
 */
function judge(id: AppId, { kind }: Proposal, plan: WirePlan): void {
  const wanted = kind === 'delete' ? 'StopApplication' : 'ScaleApplication';
  const actions = plan.steps.flatMap((step) =>
    step.actions.filter(({ of }) => of === id).map(({ action }) => action),
  );
  if (actions.length > 0 && actions.every((action) => action === wanted)) return;
  const found = actions.length === 0 ? 'nothing' : actions.join(', ');
  throw new MarathonError(
    'unsafe',
    `to ${kind} ${id} would be ${found} and not ${wanted} alone, so it was not done`,
  );
}
