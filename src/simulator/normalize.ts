/** Old ways to write ports and networks, turned into those of Marathon 1.5 and later. */
import type { AppInput } from './app-schema.ts';
import type { AppFields, Container, Network, PortDefinition } from './definition.ts';
import type { Dialect } from './dialect.ts';

/** Drops what was not written, so that a partial update keeps what it does not name, and what the version ignores. */
export function normalize(
  input: AppInput,
  dialect: Pick<Dialect, 'unknownFields' | 'oldNetworks'>,
): AppFields {
  const {
    version: _version,
    ports,
    uris,
    ipAddress,
    networks: newNetworks,
    container: written,
    portDefinitions,
    fetch,
    ...rest
  } = input;
  const networks = dialect.oldNetworks ? undefined : newNetworks;
  const container = dialect.oldNetworks ? withOldMappings(written, ipAddress) : written;
  const oldMappings = container?.docker?.portMappings;
  const fields = defined({
    ...rest,
    ...(rest.id === undefined ? {} : { id: rest.id }),
    networks: networks ?? networksOf(container?.docker?.network, ipAddress),
    container: container === undefined ? undefined : containerOf(container, oldMappings),
    portDefinitions: portDefinitions ?? ports?.map(portDefinition),
    fetch: fetch ?? uris?.map((uri) => ({ uri, extract: true, executable: false, cache: false })),
  });
  return dialect.unknownFields.length === 0 ? fields : without(fields, dialect.unknownFields);
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

/** Before 1.5 mappings belong to Docker, and other containers with an address of their own name ports for discovery. */
function withOldMappings(
  container: AppInput['container'],
  ipAddress: AppInput['ipAddress'],
): AppInput['container'] {
  const discovered = ipAddress?.discovery?.ports;
  if (container?.docker !== undefined || discovered === undefined) {
    return container === undefined ? undefined : { ...container, portMappings: undefined };
  }
  const portMappings = discovered.map(({ number, name, protocol }) => ({
    containerPort: number,
    ...(name === undefined ? {} : { name }),
    labels: {},
    protocol,
    servicePort: 0,
  }));
  return { type: 'MESOS', volumes: [], ...container, portMappings };
}

function without(fields: AppFields, names: readonly (keyof AppFields)[]): AppFields {
  const ignored: readonly string[] = names;
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !ignored.includes(name)));
}
