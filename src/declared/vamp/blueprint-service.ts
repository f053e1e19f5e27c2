/** Reads a service of a blueprint: its breed, its scale, and what goes over the breed. */
import { describe } from '../show.ts';
import type { BlueprintPort, BlueprintService } from './blueprint.ts';
import { checksIn } from './blueprint-checks.ts';
import { fieldsIn, listIn, mapIn, numberIn, plainOf } from './blueprint-fields.ts';
import { kindOf, textIn, type VampFile } from './file.ts';
import { portIn } from './gateway-values.ts';
import type { YamlMember, YamlNode } from './yaml-tree.ts';

/** Words for the same, the newest first. */
const environmentKeys = ['environment_variables', 'environment', 'env'] as const;
const serviceKeys = [
  'breed',
  'scale',
  'health_checks',
  'dialects',
  'arguments',
  'metadata',
  'network',
  'dependencies',
  ...environmentKeys,
] as const;
const breedKeys = [
  'name',
  'kind',
  'metadata',
  'deployable',
  'ports',
  'constants',
  'dependencies',
  'arguments',
  'health_checks',
  ...environmentKeys,
] as const;

type Environment = Readonly<Record<string, string>>;
type Fields = ReadonlyMap<string, YamlMember>;

/** What a cluster, and the blueprint, say for all of its services. */
export interface Shared {
  readonly environment: Environment;
  readonly checks: YamlNode | undefined;
  readonly dialect: Readonly<Record<string, unknown>>;
}

/** Null, and reported, for one that cannot be deployed. */
export function serviceIn(file: VampFile, node: YamlNode, shared: Shared): BlueprintService | null {
  const map = mapIn(file, node, 'a service');
  if (map === null) return null;
  const fields = fieldsIn(file, map, serviceKeys);
  const breed = breedIn(file, fields.get('breed')?.value, map.at);
  if (breed === null) return null;
  const name = textOf(file, breed, 'name');
  if (name === null || name === '') {
    const at = breed.get('name')?.at ?? map.at;
    file.say('breed-name', at, 'The breed has no name.', 'Write name: NAME:VERSION.');
    return null;
  }
  warnOf(file, breed, fields, name);
  const deployable = deployableIn(file, breed.get('deployable')?.value, map.at, name);
  const ports = portsIn(file, breed.get('ports')?.value);
  const checks = fields.get('health_checks')?.value ?? shared.checks ?? breed.get('health_checks')?.value;
  const healthChecks = checksIn(file, checks, ports);
  const service = {
    name,
    ports,
    environment: {
      ...environmentIn(file, breed),
      ...shared.environment,
      ...environmentIn(file, fields),
    },
    arguments: [...argumentsIn(file, breed), ...argumentsIn(file, fields)],
    scale: scaleIn(file, fields.get('scale')?.value),
    healthChecks,
    dialect: { ...shared.dialect, ...dialectIn(file, fields) },
  };
  return deployable === null ? null : { ...service, deployable };
}

function breedIn(file: VampFile, node: YamlNode | undefined, at: number): Fields | null {
  if (node === undefined) {
    file.say('breed', at, 'The service has no breed.', 'Write breed: with name and deployable.');
    return null;
  }
  const reference =
    node.kind === 'scalar'
      ? node
      : node.kind === 'map'
        ? node.members.find(({ key }) => key === 'ref' || key === 'reference')?.value
        : undefined;
  if (reference !== undefined) {
    const problem = `The breed is only named (${kindOf(reference)}), and Baton keeps no breeds.`;
    file.say('reference', reference.at, problem, 'Write the breed here, with name and deployable.');
    return null;
  }
  const map = mapIn(file, node, 'breed');
  return map === null ? null : fieldsIn(file, map, breedKeys);
}

function warnOf(file: VampFile, breed: Fields, service: Fields, name: string): void {
  const dependencies = breed.get('dependencies') ?? service.get('dependencies');
  if (dependencies !== undefined)
    file.note(
      'dependencies',
      dependencies.at,
      `The dependencies of ${name} are not waited for, nor told to it.`,
      'Write addresses into environment_variables; apply what it depends on first.',
    );
  const constants = breed.get('constants');
  if (constants !== undefined)
    file.note('constants', constants.at, `The constants of ${name} are told to nobody.`, 'Leave them out.');
  const network = service.get('network');
  if (network !== undefined)
    file.note(
      'network',
      network.at,
      'The network of a service is not taken from here.',
      'Write dialects: {marathon: {container: {docker: {network: HOST}}}}.',
    );
}

function deployableIn(
  file: VampFile,
  node: YamlNode | undefined,
  at: number,
  breed: string,
): BlueprintService['deployable'] | null {
  if (node === undefined) {
    const remedy = 'Write deployable: with the name of a Docker image.';
    file.say('deployable', at, `The breed ${breed} has nothing to deploy.`, remedy);
    return null;
  }
  if (node.kind !== 'map') {
    const image = textIn(file, node, 'deployable', 'deployable');
    return image === null ? null : { kind: 'docker', definition: image.replace(/^docker:\/\//, '') };
  }
  const fields = fieldsIn(file, node, ['type', 'definition']);
  const type = textOf(file, fields, 'type') ?? 'docker';
  const definition = textOf(file, fields, 'definition');
  if (definition === null) {
    file.say('deployable', node.at, 'The deployable has no definition.', 'Write definition: IMAGE.');
    return null;
  }
  if (/^(?:container\/)?docker$/i.test(type)) return { kind: 'docker', definition };
  if (/^(?:container\/)?(?:cmd|command)$/i.test(type)) return { kind: 'command', definition };
  const isWorkflow = type.includes('javascript');
  file.say(
    isWorkflow ? 'workflow' : 'deployable-type',
    fields.get('type')?.at ?? node.at,
    `Baton does not run deployables of the type ${describe(type)}.`,
    isWorkflow
      ? 'Let steps and analysis in ab_config, or a script with baton update-gateway, do what the workflow did.'
      : 'Write container/docker or cmd.',
  );
  return null;
}

function portsIn(file: VampFile, node: YamlNode | undefined): readonly BlueprintPort[] {
  if (node === undefined) return [];
  return (mapIn(file, node, 'ports')?.members ?? []).flatMap(({ key, value }) => {
    const port = portIn(file, value);
    return port === null ? [] : [{ name: aliasOf(key), ...port }];
  });
}

/** Values are texts for the task; what stood for another part of the deployment is not filled in. */
export function environmentIn(file: VampFile, fields: Fields): Environment {
  return Object.fromEntries(
    environmentKeys.flatMap((each) => {
      const member = fields.get(each);
      const map = member && mapIn(file, member.value, each);
      return (map?.members ?? []).flatMap(({ key, at, value }): [string, string][] => {
        if (value.kind !== 'scalar' || value.value === null) {
          const problem = `The variable ${describe(key)} has no value.`;
          file.say('environment', at, problem, 'Write a text; no one is asked for it later.');
          return [];
        }
        if (/(?<!\$)\$\{?[a-z][\w-]*\.(?:host|ports?|constants|env)\b/i.test(value.text)) {
          const problem = `The variable ${describe(key)} refers to another cluster (${kindOf(value)}), and Baton fills in nothing.`;
          file.say('environment-reference', value.at, problem, 'Write the address itself.');
          return [];
        }
        return [[aliasOf(key), value.text]];
      });
    }),
  );
}

/** `password[DB_PASSWORD]` is told to the task as `DB_PASSWORD`. */
function aliasOf(key: string): string {
  return /^[^[\]]+\[([^[\]]+)\]$/.exec(key)?.[1] ?? key;
}

function argumentsIn(file: VampFile, fields: Fields): readonly (readonly [string, string])[] {
  return listIn(fields.get('arguments')?.value).flatMap((item) =>
    (mapIn(file, item, 'an argument')?.members ?? []).flatMap(({ key, value }) => {
      if (value.kind === 'scalar') return [[key, value.text] as const];
      file.say('argument', value.at, `The argument ${describe(key)} is ${kindOf(value)}.`, 'Write a text.');
      return [];
    }),
  );
}

/** Vamp's defaults are 1 CPU, 1 GB and 1 instance. */
function scaleIn(file: VampFile, node: YamlNode | undefined): BlueprintService['scale'] {
  const map = node === undefined ? null : mapIn(file, node, 'scale');
  const fields = map && fieldsIn(file, map, ['name', 'kind', 'metadata', 'cpu', 'memory', 'instances']);
  const cpu = fields?.get('cpu')?.value;
  const memory = fields?.get('memory')?.value;
  const instances = fields?.get('instances')?.value;
  return {
    cpu: (cpu && numberIn(file, cpu, 'cpu', { least: 0, whole: false })) ?? 1,
    memoryMb: (memory && memoryIn(file, memory)) ?? 1024,
    instances: (instances && numberIn(file, instances, 'instances', { least: 0, whole: true })) ?? 1,
  };
}

const megabytes: Readonly<Record<string, number>> = {
  b: 1 / 1024 ** 2,
  kb: 1 / 1024,
  mb: 1,
  gb: 1024,
  '': 1,
};

/** `64MB`, `2gb`; a number alone is in megabytes. */
function memoryIn(file: VampFile, node: YamlNode): number | null {
  const text = node.kind === 'scalar' ? node.text : '';
  const match = /^\s*(\d+(?:\.\d+)?)\s*([kmg]?b|)\s*$/i.exec(text);
  const unit = megabytes[match?.[2]?.toLowerCase() ?? '?'];
  if (match !== null && unit !== undefined) return Number(match[1]) * unit;
  file.say('memory', node.at, `memory is ${kindOf(node)}.`, 'Write a size such as 64MB or 2GB.');
  return null;
}

/** The words for Marathon, of a service or of a cluster. */
export function dialectIn(file: VampFile, fields: Fields): Readonly<Record<string, unknown>> {
  const member = fields.get('dialects');
  const map = member && mapIn(file, member.value, 'dialects');
  for (const { key, at } of map?.members ?? [])
    if (key !== 'marathon')
      file.note('dialect', at, `The dialect ${describe(key)} is not for Marathon.`, 'Leave it out.');
  const own = map?.members.find(({ key }) => key === 'marathon');
  const marathon = own && mapIn(file, own.value, 'dialects.marathon');
  return marathon ? (plainOf(marathon) as Record<string, unknown>) : {};
}

/** The text of a field; null when it is not there, or, reported, no text. */
export function textOf(file: VampFile, fields: Fields, key: string): string | null {
  const member = fields.get(key);
  return member === undefined ? null : textIn(file, member.value, key, key);
}
