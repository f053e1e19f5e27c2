/** Old ways to write ports and networks, turned into those of Marathon 1.5 and later. */
import type { AppInput } from './app-schema.ts';
import type { AppFields, Container, Network, PortDefinition } from './definition.ts';

/** Drops what was not written, so that a partial update keeps what it does not name. */
export function normalize(input: AppInput): AppFields {
  const {
    version: _version,
    ports,
    uris,
    ipAddress,
    networks,
    container,
    portDefinitions,
    fetch,
    ...rest
  } = input;
  const oldMappings = container?.docker?.portMappings;
  return defined({
    ...rest,
    ...(rest.id === undefined ? {} : { id: rest.id }),
    networks: networks ?? networksOf(container?.docker?.network, ipAddress),
    container: container === undefined ? undefined : containerOf(container, oldMappings),
    portDefinitions: portDefinitions ?? ports?.map(portDefinition),
    fetch: fetch ?? uris?.map((uri) => ({ uri, extract: true, executable: false, cache: false })),
  });
}

function networksOf(
  docker: 'BRIDGE' | 'HOST' | 'USER' | 'NONE' | undefined,
  ipAddress: AppInput['ipAddress'],
): readonly Network[] | undefined {
  if (docker === 'BRIDGE') return [{ mode: 'container/bridge' }];
  if (docker === 'HOST') return [{ mode: 'host' }];
  if (docker === 'USER' || ipAddress !== undefined) {
    const name = ipAddress?.networkName;
    return [{ ...(name === undefined ? {} : { name }), mode: 'container' }];
  }
  return undefined;
}

function containerOf(
  input: NonNullable<AppInput['container']>,
  oldMappings: NonNullable<AppInput['container']>['portMappings'],
): Container {
  const mappings = input.portMappings ?? oldMappings;
  return defined({
    type: input.type,
    docker: input.docker === undefined ? undefined : dockerOf(input.docker),
    volumes: input.volumes,
    portMappings: mappings?.map((mapping) => defined(mapping)),
  }) as unknown as Container;
}

function dockerOf(docker: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { network: _network, portMappings: _portMappings, ...rest } = docker;
  return { forcePullImage: false, parameters: [], privileged: false, ...rest };
}

function portDefinition(port: number): PortDefinition {
  return { labels: {}, port, protocol: 'tcp' };
}

function defined(fields: Readonly<Record<string, unknown>>): AppFields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
