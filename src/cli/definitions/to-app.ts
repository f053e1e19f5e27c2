/** From a definition as people write it to the app that Marathon would make of it. */
import { findNodeAtLocation } from 'jsonc-parser';
import { describe, show } from '../../declared/show.ts';
import { wireApp } from '../../marathon/schema.ts';
import { toApp } from '../../marathon/to-model.ts';
import { millis } from '../../model/ids.ts';
import type { App } from '../../model/app.ts';
import { ApiError, type ErrorDetail } from '../../simulator/api-error.ts';
import { type AppInput, appInputOf } from '../../simulator/app-schema.ts';
import { complete, type Draft } from '../../simulator/complete.ts';
import { servicePortsOf } from '../../simulator/definition.ts';
import { dialectOf } from '../../simulator/dialect.ts';
import { normalize } from '../../simulator/normalize.ts';
import { withoutNulls } from '../../simulator/parse.ts';
import { outOfRange } from '../../simulator/ranges.ts';
import { validate } from '../../simulator/validate.ts';
import type { FoundApp } from './find-apps.ts';
import { type Finding, finding } from './findings.ts';
import { itemsOf, type JsonNode, memberOf, membersOf, valueOf } from './json-source.ts';

/** What a field should be, by the name of its type. */
const typeWords: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'an object',
  record: 'an object',
  string: 'a text in quotes',
};

export interface DefinedApp {
  readonly found: FoundApp;
  readonly app: App;
  /** Service ports that Marathon will choose; which ones, nobody knows before. */
  readonly assigned: ReadonlySet<number>;
}

const { defaults, readsAnyCase } = dialectOf('1.10');
const appInput = appInputOf({ readsAnyCase });

/**
 * Reads a definition in the format of 1.4 or of 1.5 and later. What is wrong in it is left out and said, so that the rest
 * can be read.
 * @param version the version that the app would have, an ISO time
 * @param nextPort a service port that no other app has, for each that Marathon would choose
 */
export function defineApp(
  found: FoundApp,
  version: string,
  nextPort: () => number,
): { readonly defined: DefinedApp; readonly findings: readonly Finding[] } {
  const { file, source, node } = found;
  const findings: Finding[] = [];
  const where = (offset: number) => ({ file, ...source.placeAt(offset), app: found.id });
  if (found.id === null) {
    const remedy = 'Write its id, unless this is sent to the app itself.';
    findings.push(finding('id-missing', where(node.offset), 'The definition has no id.', remedy));
  }
  const written = valueOf(withTexts(node));
  const input = readInput(withoutNulls(written));
  // Before 1.5 containers without Docker named their ports for discovery.
  const oldNetworks = input.networks === undefined && input.ipAddress?.discovery?.ports !== undefined;
  const fields = normalize(input, { unknownFields: [], oldNetworks });
  const draft = complete(found.id ?? '/no-id', fields, defaults);
  const ports = withServicePorts(draft, nextPort);
  sayRules();
  const [before, after] = [draft, ports].map((each) => servicePortsOf({ ...each, ...versions(version) }));
  const assigned = new Set((after ?? []).filter((_, index) => before?.[index] === 0));
  const wire = wireApp.parse({ ...ports, ...versions(version) });
  // A definition has no tasks, whose health is all that hangs on the time.
  const app = toApp(wire, { checksOf: () => null, previous: null, now: millis(0) });
  sayUnused(app.network === 'host');
  return { defined: { found, app, assigned }, findings };

  /** The node with label values that are texts; numbers and the like are meant to be some. */
  function withTexts(from: JsonNode): JsonNode {
    if (from.type === 'array') return { ...from, children: itemsOf(from).map(withTexts) };
    if (from.type !== 'object') return from;
    const children = (from.children ?? []).map((property) => {
      const [key, value] = property.children ?? [];
      if (key === undefined || value === undefined) return property;
      const isLabels = key.value === 'labels' && value.type === 'object';
      return { ...property, children: [key, isLabels ? withTextLabels(value) : withTexts(value)] };
    });
    return { ...from, children };
  }

  function withTextLabels(labels: JsonNode): JsonNode {
    const seen = new Set<string>();
    for (const [name, , at] of membersOf(labels)) {
      if (seen.has(name)) {
        const problem = `The label ${show(name)} is written twice; this one counts.`;
        findings.push(finding('label-twice', { ...where(at), label: show(name) }, problem, 'Leave one.'));
      }
      seen.add(name);
    }
    const children = (labels.children ?? []).flatMap((property) => {
      const [key, value] = property.children ?? [];
      if (key === undefined || value === undefined || value.type === 'string') return [property];
      const name = String(key.value);
      const plain = valueOf(value);
      const text = typeof plain === 'object' ? null : JSON.stringify(plain);
      const problem = `The label ${show(name)} is ${describe(plain)}; Marathon takes texts, and refuses the app.`;
      const example = text === null ? 'JSON goes into the quotes with \\" for each quote' : `write "${text}"`;
      const remedy = `Put the value into quotes: ${example}.`;
      findings.push(finding('label-no-text', { ...where(key.offset), label: show(name) }, problem, remedy));
      if (text === null) return [];
      return [{ ...property, children: [key, { ...value, type: 'string' as const, value: text }] }];
    });
    return { ...labels, children };
  }

  /** The fields that are of the right type. */
  function readInput(value: unknown): AppInput {
    const parsed = appInput.safeParse(value);
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) {
      const { path } = issue;
      const keys = path.filter((key) => typeof key !== 'symbol');
      const own = findNodeAtLocation(node, keys);
      const place = own ?? findNodeAtLocation(node, keys.slice(0, -1)) ?? node;
      const wanted = issue.code === 'invalid_type' ? (typeWords[issue.expected] ?? null) : null;
      const problem =
        wanted === null
          ? `${show(named(keys))}: ${issue.message}.`
          : `${show(named(keys))} is ${describe(own === undefined ? own : valueOf(own))}; it should be ${wanted}.`;
      findings.push(
        finding('wrong-type', where(place.offset), problem, 'Correct it; the rest is read without.'),
      );
      if (typeof value === 'object' && value !== null && keys[0] !== undefined)
        Reflect.deleteProperty(value, keys[0]);
    }
    return appInput.parse(value);
  }

  /** Marathon reads one list of ports, and drops the other. */
  function sayUnused(isHost: boolean): void {
    const container = memberOf(node, 'container');
    const docker = container === undefined ? undefined : memberOf(container, 'docker');
    const mappings = [container, docker].map((holder) => holder && memberOf(holder, 'portMappings'));
    const [used, unused] = isHost ? ['portDefinitions', 'portMappings'] : ['portMappings', 'portDefinitions'];
    for (const port of (isHost ? mappings : [memberOf(node, 'portDefinitions')]).flatMap(itemsOf)) {
      const labels = memberOf(port, 'labels');
      for (const [name, , at] of labels === undefined ? [] : membersOf(labels)) {
        const problem = `The app's network mode is ${app.network}, and its ${unused} do not count.`;
        const remedy = `Write ${show(name)} on a port of ${used}, or remove it.`;
        findings.push(finding('label-unused', { ...where(at), label: show(name) }, problem, remedy));
      }
    }
  }

  function brokenRules(): readonly ErrorDetail[] {
    try {
      validate(draft, false);
      return [];
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return error.body['details'] as readonly ErrorDetail[];
    }
  }

  function sayRules(): void {
    for (const { path, errors } of [...outOfRange(input, 'sentences'), ...brokenRules()]) {
      // Without an id, or a command, it may be a part of a definition that is sent to the app itself.
      if (found.id === null) continue;
      const keys = keysOf(path);
      const place = findNodeAtLocation(node, [...keys]) ?? node;
      if (path === '/id') {
        const problem = 'The id may hold only lower-case letters, digits, hyphens and dots between slashes.';
        findings.push(finding('marathon-refuses', where(place.offset), problem, 'Give it another id.'));
        continue;
      }
      const problem = `${keys.length === 0 ? 'The app' : named(keys)}: ${errors.join(', ').replace(/\.$/, '')}.`;
      const remedy = 'Correct it, or Marathon answers 422.';
      findings.push(finding('marathon-refuses', where(place.offset), problem, remedy));
    }
  }
}

/** With a service port wherever Marathon would choose one. */
function withServicePorts(draft: Draft, nextPort: () => number): Draft {
  const { portDefinitions, container } = draft;
  return {
    ...draft,
    ...(portDefinitions === undefined
      ? {}
      : { portDefinitions: portDefinitions.map((each) => ({ ...each, port: each.port || nextPort() })) }),
    ...(container?.portMappings === undefined
      ? {}
      : {
          container: {
            ...container,
            portMappings: container.portMappings.map((each) => ({
              ...each,
              servicePort: each.servicePort || nextPort(),
            })),
          },
        }),
  };
}

function versions(version: string) {
  return { version, versionInfo: { lastScalingAt: version, lastConfigChangeAt: version } };
}

/** `healthChecks[0].path` */
function named(keys: readonly (string | number)[]): string {
  return keys.map((key, at) => (typeof key === 'number' ? `[${key}]` : at === 0 ? key : `.${key}`)).join('');
}

/** The keys in `/healthChecks(0)/path`. */
function keysOf(path: string): readonly (string | number)[] {
  return path
    .split('/')
    .filter((part) => part !== '')
    .flatMap((part) => {
      const match = /^(.*)\((\d+)\)$/.exec(part);
      return match === null ? [part] : [match[1] ?? '', Number(match[2])];
    });
}
