/** Deployments of Vamp's blueprints: apps created at Marathon, never changed or restarted, and their gateways. */
import type { Blueprint } from '../declared/vamp/blueprint.ts';
import { appsOf, digestLabel, type ServiceApp, stamps } from '../declared/vamp/blueprint-apps.ts';
import { gatewaysOf, type Pace } from '../declared/vamp/blueprint-gateways.ts';
import type { MarathonWriter } from '../marathon/writer.ts';
import type { App, Cluster } from '../model/app.ts';
import type { AppId } from '../model/ids.ts';
import type { Observer } from '../observe/facts.ts';
import type { Controller } from './controller.ts';
import type { GatewayProblem } from './gateway-problems.ts';
import { appsOfDeployment, createRemoval, type Removal } from './removal.ts';

export interface DeploymentsDependencies {
  readonly writer: Pick<MarathonWriter, 'create' | 'scale' | 'delete' | 'ended'>;
  readonly cluster: () => Cluster;
  readonly controller: Pick<Controller, 'gateways' | 'changeGateways' | 'state'>;
  readonly publish: Observer;
}

export interface How {
  /** Who asks for it. */
  readonly by: string;
  /** Nothing is changed; the answer tells what would be. */
  readonly validateOnly: boolean;
}

export type DeploymentAnswer =
  | {
      readonly outcome: 'done';
      /** Created at Marathon, or on their way out of it. */
      readonly apps: readonly AppId[];
      readonly scaled: readonly AppId[];
      readonly gateways: readonly string[];
    }
  | { readonly outcome: 'refused'; readonly problems: readonly GatewayProblem[] }
  /** Marathon did not do it; what was done before stays. */
  | { readonly outcome: 'failed'; readonly problem: string };

export interface Deployments {
  /** By name; a deployment is what apps are stamped with. */
  all(): ReadonlyMap<string, readonly App[]>;
  /** Names of deployments, and their apps that are on their way out. */
  removing(): ReadonlySet<AppId>;
  /** Creates what is not there yet, and then has the gateways lead there. */
  deploy(blueprint: Blueprint, pace: Pace, how: How): Promise<DeploymentAnswer>;
  /** Takes the gateways away, then the apps, which takes its time. @param part only these services */
  remove(name: string, part: Blueprint | null, how: How): Promise<DeploymentAnswer>;
  /** Cancels what is under way, and resolves when nothing is any more. The writer is the caller's to close. */
  close(): Promise<void>;
}

/** How long Marathon may take to create or scale an app, ms. */
const writeMs = 25_000;

export function createDeployments(dependencies: DeploymentsDependencies): Deployments {
  const { writer, cluster, controller, publish } = dependencies;
  const closing = new AbortController();
  const removal: Removal = createRemoval(dependencies, closing.signal);
  /** One after the other: the second may be about what the first has made. */
  let last: Promise<unknown> = Promise.resolve();

  function inTurn<T>(job: () => Promise<T>): Promise<T> {
    const next = last.then(job);
    last = next.catch(() => {});
    return next;
  }

  async function deploy(blueprint: Blueprint, pace: Pace, how: How): Promise<DeploymentAnswer> {
    const wanted = appsOf(blueprint);
    const { apps } = cluster();
    const before = new Map(controller.gateways().map((each) => [each.name, each]));
    const made = gatewaysOf(blueprint, before, pace);
    const problems = [
      ...wanted.flatMap((each, at) => problemOf(each, apps.get(each.id), wanted.slice(0, at)) ?? []),
      ...(made.ok ? [] : [problem('total-weight', made.problem, made.remedy)]),
    ];
    const going = wanted.find(({ id }) => removal.removing().has(id));
    if (going !== undefined)
      problems.push(problem('removing', `${going.id} is being deleted.`, 'Wait until it is gone.'));
    if (!made.ok || problems.length > 0) return { outcome: 'refused', problems };
    const change = {
      put: made.gateways,
      remove: [],
      by: how.by,
      awaited: new Set(wanted.map(({ id }) => id)),
    };
    const possible = await controller.changeGateways({ ...change, validateOnly: true });
    if (possible.outcome === 'refused') return possible;
    const missing = wanted.filter(({ id }) => !apps.has(id));
    const resized = wanted.filter(
      ({ id, instances }) => (apps.get(id)?.instances ?? instances) !== instances,
    );
    const gateways = made.gateways.map(({ name }) => name);
    const ids = (each: readonly ServiceApp[]) => each.map(({ id }) => id);
    const done = { outcome: 'done', apps: ids(missing), scaled: ids(resized), gateways } as const;
    if (how.validateOnly) return done;
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(writeMs)]);
    try {
      for (const { definition } of missing) await writer.create(definition, signal);
      for (const { id, instances } of resized) await writer.scale(id, instances, signal);
    } catch (error) {
      return { outcome: 'failed', problem: error instanceof Error ? error.message : String(error) };
    }
    const changed = await controller.changeGateways(change);
    return changed.outcome === 'refused' ? changed : done;
  }

  function told(
    deployment: string,
    how: How,
    change: 'deployed' | 'removed',
    answer: DeploymentAnswer,
  ): DeploymentAnswer {
    if (how.validateOnly) return answer;
    const { outcome } = answer;
    publish({
      kind: 'deployment-changed',
      deployment,
      change,
      by: how.by,
      outcome,
      apps: answer.outcome === 'done' ? [...answer.apps, ...answer.scaled] : [],
      problems:
        answer.outcome === 'refused'
          ? answer.problems.map(({ problem }) => problem)
          : answer.outcome === 'failed'
            ? [answer.problem]
            : [],
    });
    return answer;
  }

  return {
    all() {
      const names = [...cluster().apps.values()].flatMap(({ labels }) => labels[stamps.deployment] ?? []);
      return new Map(
        [...new Set(names)].sort().map((name) => [name, appsOfDeployment(cluster().apps, name, null)]),
      );
    },
    removing: () => removal.removing(),
    deploy: (blueprint, pace, how) =>
      inTurn(async () => told(blueprint.name, how, 'deployed', await deploy(blueprint, pace, how))),
    remove: (name, part, how) =>
      inTurn(async () => told(name, how, 'removed', await removal.remove(name, part, how))),
    async close() {
      closing.abort();
      await last;
      await removal.settled();
    },
  };
}

/** Null: it is not there yet, or is what it should be. */
function problemOf(
  wanted: ServiceApp,
  app: App | undefined,
  others: readonly ServiceApp[],
): GatewayProblem | null {
  const twin = others.find(({ id }) => id === wanted.id);
  if (twin !== undefined)
    return problem(
      'app-twice',
      `The breeds ${twin.service} and ${wanted.service} would both be ${wanted.id} at Marathon.`,
      'Give one of them another name.',
    );
  if (app === undefined || app.labels[digestLabel] === wanted.digest) return null;
  return problem(
    'app-differs',
    `${wanted.id} is there already, and is not what the blueprint says.`,
    'Give the breed another name, as a new version has; Baton never changes an app that runs.',
  );
}

function problem(rule: string, text: string, remedy: string): GatewayProblem {
  return { gateway: null, route: null, rule, problem: text, remedy };
}
