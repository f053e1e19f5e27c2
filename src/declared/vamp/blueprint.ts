/** Vamp's blueprints, parsed: which apps are to run, and how they share the traffic of their cluster. */
import type { Mode } from '../types.ts';
import type { Gateway, GatewayRoute } from './gateway.ts';

export interface Blueprint {
  readonly name: string;
  readonly gateways: readonly BlueprintGateway[];
  readonly clusters: readonly BlueprintCluster[];
}

/** Where a cluster is reached from outside. */
export interface BlueprintGateway extends Front {
  readonly port: number;
  readonly mode: Mode;
  readonly cluster: string;
  /** By its name in the breeds. */
  readonly clusterPort: string;
}

export interface Front {
  readonly sticky: Gateway['sticky'];
  readonly virtualHosts: readonly string[];
}

export interface BlueprintCluster {
  readonly name: string;
  readonly services: readonly BlueprintService[];
  readonly shares: readonly ClusterShares[];
}

/** How the services of a cluster share what comes to one of their ports. */
export interface ClusterShares extends Front {
  /** Null: all ports. */
  readonly port: string | null;
  readonly routes: readonly BlueprintRoute[];
}

/** A route whose path is the name of a service's breed; its weight may not be said. */
export type BlueprintRoute = Omit<GatewayRoute, 'weight' | 'target'> & { readonly weight: number | null };

export interface BlueprintPort {
  readonly name: string;
  /** 0: the one that Marathon assigns. */
  readonly port: number;
  readonly mode: Mode;
}

export interface BlueprintCheck {
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP' | 'MESOS_HTTP' | 'MESOS_HTTPS' | 'MESOS_TCP';
  readonly path: string;
  /** By name; null: the first. */
  readonly port: string | null;
  readonly initialDelaySec: number;
  readonly timeoutSec: number;
  readonly intervalSec: number;
  readonly failures: number;
}

export interface BlueprintService {
  /** The name of its breed. */
  readonly name: string;
  readonly deployable: { readonly kind: 'docker' | 'command'; readonly definition: string };
  readonly ports: readonly BlueprintPort[];
  readonly environment: Readonly<Record<string, string>>;
  /** For Docker. */
  readonly arguments: readonly (readonly [key: string, value: string])[];
  readonly scale: { readonly cpu: number; readonly memoryMb: number; readonly instances: number };
  readonly healthChecks: readonly BlueprintCheck[];
  /** Marathon's own words, which go over what follows from the rest. */
  readonly dialect: Readonly<Record<string, unknown>>;
}
