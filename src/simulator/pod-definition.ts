/** What makes a run spec a pod: its containers and the rest that no app has, in the form that 1.10 keeps. */
import type { Labels, Network, UnreachableStrategy, UpgradeStrategy } from './definition.ts';

export interface Resources {
  readonly cpus: number;
  readonly mem: number;
  readonly disk: number;
  readonly gpus: number;
}

export interface PodEndpoint {
  readonly name: string;
  readonly containerPort?: number;
  readonly hostPort?: number;
  readonly protocol: readonly string[];
  readonly labels: Labels;
}

export interface PodContainer {
  readonly name: string;
  readonly resources: Resources;
  readonly endpoints: readonly PodEndpoint[];
  readonly environment: Readonly<Record<string, unknown>>;
  readonly volumeMounts: readonly unknown[];
  readonly artifacts: readonly unknown[];
  readonly labels: Labels;
  readonly lifecycle?: { readonly killGracePeriodSeconds?: number };
  /** What is kept and not looked at: image, exec, checks. */
  readonly [key: string]: unknown;
}

export interface PodScheduling {
  readonly backoff: {
    readonly backoff: number;
    readonly backoffFactor: number;
    readonly maxLaunchDelay: number;
  };
  readonly upgrade: UpgradeStrategy;
  readonly placement: {
    readonly constraints: readonly unknown[];
    readonly acceptedResourceRoles: readonly string[];
  };
  readonly killSelection: 'YOUNGEST_FIRST' | 'OLDEST_FIRST';
  readonly unreachableStrategy: UnreachableStrategy;
}

/** A pod without its id, its version and its number of instances, which the run spec has. */
export interface PodFields {
  readonly labels: Labels;
  readonly user?: string;
  readonly environment: Readonly<Record<string, unknown>>;
  readonly containers: readonly PodContainer[];
  readonly secrets: Readonly<Record<string, unknown>>;
  readonly volumes: readonly unknown[];
  readonly networks: readonly Network[];
  readonly scheduling: PodScheduling;
  readonly executorResources: Omit<Resources, 'gpus'>;
  readonly role: string;
}

/** Its endpoints that have a port of the agent, container by container: the order of a task's ports. */
export function hostPortsOf(container: PodContainer): readonly PodEndpoint[] {
  return container.endpoints.filter(({ hostPort }) => hostPort !== undefined);
}
