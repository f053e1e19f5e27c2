/** Reads Vamp's blueprints, in YAML or JSON. */
import { describe } from '../show.ts';
import type { Blueprint, BlueprintCluster, BlueprintGateway, Front } from './blueprint.ts';
import { sharesIn } from './blueprint-shares.ts';
import { fieldsIn, listIn, mapIn } from './blueprint-fields.ts';
import { longCluster, longService } from './blueprint-shorthand.ts';
import { dialectIn, environmentIn, serviceIn } from './blueprint-service.ts';
import type { ConditionOptions } from './condition-parse.ts';
import { fileOf, kindOf, textIn, type VampFile } from './file.ts';
import { frontIn } from './blueprint-fields.ts';
import { isNamePart, nameIn, portIn } from './gateway-values.ts';
import { type Flaw, readYaml, type YamlMember, type YamlNode } from './yaml-tree.ts';

export type BlueprintResult =
  /** Notes: what the file says and Baton does not do, each with what to use instead. */
  | { readonly ok: true; readonly blueprint: Blueprint; readonly notes: readonly Flaw[] }
  | { readonly ok: false; readonly flaws: readonly Flaw[] };

const keys = [
  'name',
  'kind',
  'metadata',
  'gateways',
  'clusters',
  'environment_variables',
  'environment',
  'env',
  'dialects',
] as const;
const clusterKeys = [
  'services',
  'gateways',
  'sla',
  'dialects',
  'metadata',
  'health_checks',
  'environment_variables',
  'network',
] as const;

/** Reads a file with one blueprint. Never throws. */
export function parseBlueprint(text: string, options: ConditionOptions): BlueprintResult {
  const source = readYaml(text);
  const file = fileOf(source, options);
  const [node, second] = source.documents;
  if (node === undefined && file.flaws.length === 0)
    file.say('empty', 0, 'The file holds nothing.', 'Write a blueprint: name and clusters.');
  if (second !== undefined)
    file.say('blueprint', second.at, 'A second document stands here.', 'Apply one blueprint at a time.');
  const blueprint = node === undefined ? null : blueprintIn(file, node);
  if (blueprint === null || file.flaws.length > 0) return { ok: false, flaws: file.flaws };
  return { ok: true, blueprint, notes: file.notes };
}

function blueprintIn(file: VampFile, node: YamlNode): Blueprint | null {
  const map = mapIn(file, node, 'a blueprint');
  if (map === null) return null;
  const fields = fieldsIn(file, map, keys);
  const name = fields.get('name');
  const named = name === undefined ? null : nameIn(file, name.value);
  if (name === undefined) file.say('name', map.at, 'The blueprint has no name.', 'Write name: NAME.');
  const environment = environmentIn(file, fields);
  const dialect = dialectIn(file, fields);
  const members = fields.get('clusters')?.value;
  if (members === undefined)
    file.say('clusters', map.at, 'The blueprint has no clusters.', 'Write clusters: with their services.');
  const clusters = (members === undefined ? [] : (mapIn(file, members, 'clusters')?.members ?? [])).flatMap(
    (member) => clusterIn(file, member, { environment, dialect }) ?? [],
  );
  const gateways = (mapOf(file, fields.get('gateways'))?.members ?? []).flatMap(
    (member) => gatewayIn(file, member, clusters) ?? [],
  );
  return named === null ? null : { name: named, gateways, clusters };
}

function clusterIn(
  file: VampFile,
  { key: name, at, value }: YamlMember,
  whole: {
    readonly environment: Readonly<Record<string, string>>;
    readonly dialect: Readonly<Record<string, unknown>>;
  },
): BlueprintCluster | null {
  const map = mapIn(file, longCluster(value), `cluster ${name}`);
  if (map === null) return null;
  if (!isNamePart(name))
    file.say(
      'cluster-name',
      at,
      `${describe(name)} is no name of a cluster.`,
      'Write a name without blanks, brackets and "/".',
    );
  const fields = fieldsIn(file, map, clusterKeys);
  const sla = fields.get('sla');
  if (sla !== undefined)
    file.note(
      'sla',
      sla.at,
      'Baton has neither SLAs nor escalations; nothing is scaled by response times.',
      'Judge new versions with analysis in ab_config; scale with a tool that watches the metrics.',
    );
  const environment = { ...ofCluster(whole.environment, name), ...environmentIn(file, fields) };
  const dialect = { ...whole.dialect, ...dialectIn(file, fields) };
  const checks = fields.get('health_checks')?.value;
  const services = listIn(fields.get('services')?.value).flatMap((node) => {
    const service = serviceIn(file, longService(node), { environment, checks, dialect });
    return service === null ? [] : [{ service, at: node.at }];
  });
  if (!fields.has('services'))
    file.say('services', at, `The cluster ${name} has no services.`, 'Write services: with a breed each.');
  for (const [index, { service, at }] of services.entries())
    if (services.findIndex((each) => each.service.name === service.name) < index)
      file.say(
        'breed-twice',
        at,
        `The breed ${service.name} stands twice in ${name}.`,
        'Give one another name.',
      );
  const list = services.map(({ service }) => service);
  return { name, services: list, shares: sharesIn(file, fields.get('gateways'), name, list) };
}

/** `cluster.KEY` is for that cluster; `KEY` for all. */
function ofCluster(
  environment: Readonly<Record<string, string>>,
  cluster: string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([key, value]) => {
      const at = key.lastIndexOf('.');
      if (at < 0) return [[key, value]];
      return key.slice(0, at) === cluster ? [[key.slice(at + 1), value]] : [];
    }),
  );
}

/** `10099: cluster/port`, or a map with one such route. */
function gatewayIn(
  file: VampFile,
  { key, at, value }: YamlMember,
  clusters: readonly BlueprintCluster[],
): BlueprintGateway | null {
  const port = portIn(file, { kind: 'scalar', at, text: key, value: key, textAt: null });
  const fields =
    value.kind === 'map' ? fieldsIn(file, value, ['routes', 'sticky', 'virtual_hosts', 'name']) : null;
  const node = fields === null ? value : fields.get('routes')?.value;
  const route = node === undefined ? null : onlyRoute(file, node);
  const front: Front = frontIn(
    file,
    new Map([...(fields ?? [])].map(([key, each]) => [key, each.value])),
    port,
  );
  if (node === undefined) file.say('routes', at, 'The gateway leads nowhere.', 'Write cluster/port.');
  if (route === null || port === null || node === undefined) return null;
  const [cluster = '', clusterPort = '', ...more] = route.split('/');
  const known = clusters.find(({ name }) => name === cluster);
  const ports = known?.services.flatMap((service) => service.ports.map(({ name }) => name)) ?? [];
  if (known === undefined || more.length > 0 || !ports.includes(clusterPort)) {
    const names = clusters.flatMap(({ name, services }) =>
      services.flatMap((service) => service.ports.map((each) => `${name}/${each.name}`)),
    );
    const problem = `The gateway leads to ${describe(route)}, and there is no such cluster and port.`;
    const known = [...new Set(names)].join(', ');
    file.say('route', node.at, problem, known === '' ? 'Give the breeds ports.' : `Write one of ${known}.`);
    return null;
  }
  return { ...port, cluster, clusterPort, ...front };
}

/** Of a text the text; of a map or list with one route its path. */
function onlyRoute(file: VampFile, node: YamlNode): string | null {
  if (node.kind === 'scalar') return textIn(file, node, 'routes', 'a route');
  const [first, ...more] = node.kind === 'map' ? node.members.map(({ key }) => key) : node.items.map(kindOf);
  if (first !== undefined && more.length === 0 && node.kind === 'map') return first;
  if (first !== undefined && more.length === 0 && node.kind === 'list' && node.items[0] !== undefined)
    return onlyRoute(file, node.items[0]);
  const remedy = 'Lead it to one cluster/port; apply a gateway of its own for several.';
  file.say('routes', node.at, 'The gateway of a blueprint has one route.', remedy);
  return null;
}

function mapOf(file: VampFile, member: YamlMember | undefined) {
  return member === undefined ? null : mapIn(file, member.value, member.key);
}

/** What a document of Vamp is, by its `kind` or by what only one kind has; null when that is not to be seen. */
export function kindOfDocument(node: YamlNode): string | null {
  if (node.kind !== 'map') return null;
  const kind = node.members.find(({ key }) => key === 'kind')?.value;
  if (kind?.kind === 'scalar' && kind.text !== '') return kind.text.toLowerCase().replace(/s$/, '');
  const has = (key: string): boolean => node.members.some((member) => member.key === key);
  return has('clusters') ? 'blueprint' : has('routes') ? 'gateway' : null;
}
