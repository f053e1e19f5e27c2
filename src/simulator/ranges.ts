/** Which numbers of an app definition may be how large: the ranges of Marathon's RAML types. */
import type { ErrorDetail } from './api-error.ts';
import type { AppInput } from './app-schema.ts';

interface Range {
  readonly least: number;
  readonly most?: number;
  /** Marathon counts this one in fractions, and writes it so. */
  readonly fraction?: true;
}

const share: Range = { least: 0, most: 1, fraction: true };
const port: Range = { least: 0, most: 65_535 };
const count: Range = { least: 0 };
const amount: Range = { least: 0, fraction: true };

/** By path; `*` stands for each element of a list. */
const ranges: readonly (readonly [path: string, range: Range])[] = [
  ['backoffFactor', { least: 1, fraction: true }],
  ['backoffSeconds', count],
  ['cpus', amount],
  ['disk', amount],
  ['gpus', count],
  ['instances', count],
  ['maxLaunchDelaySeconds', count],
  ['mem', amount],
  ['taskKillGracePeriodSeconds', count],
  ['upgradeStrategy/minimumHealthCapacity', share],
  ['upgradeStrategy/maximumOverCapacity', share],
  ['unreachableStrategy/inactiveAfterSeconds', count],
  ['unreachableStrategy/expungeAfterSeconds', count],
  ['ports/*', port],
  ['portDefinitions/*/port', port],
  ...['container', 'container/docker'].flatMap((holder) =>
    ['containerPort', 'hostPort', 'servicePort'].map(
      (name) => [`${holder}/portMappings/*/${name}`, port] as const,
    ),
  ),
  ...[
    'gracePeriodSeconds',
    'intervalSeconds',
    'maxConsecutiveFailures',
    'timeoutSeconds',
    'delaySeconds',
  ].map((name) => [`healthChecks/*/${name}`, count] as const),
  ['healthChecks/*/port', port],
  ['healthChecks/*/portIndex', count],
  ['readinessChecks/*/intervalSeconds', count],
  ['readinessChecks/*/timeoutSeconds', { least: 1 }],
  ['readinessChecks/*/httpStatusCodesForReady/*', { least: 100, most: 999 }],
];

/**
 * The numbers that are too small or too large, each with its error: a code of Play's where types hold the ranges, as
 * since 1.5, or a sentence of Accord's where rules do.
 */
export function outOfRange(app: AppInput, said: 'codes' | 'sentences'): readonly ErrorDetail[] {
  return ranges.flatMap(([path, range]) =>
    numbersAt(app, path.split('/'), '').flatMap(([at, value]) => {
      const small = value < range.least;
      if (!small && value <= (range.most ?? Number.POSITIVE_INFINITY)) return [];
      const code = small ? 'error.min' : 'error.max';
      return [{ path: at, errors: [said === 'codes' ? code : sentence(value, range, small)] }];
    }),
  );
}

/** The numbers at a path, each with its own path in Play's form: `/healthChecks(0)/portIndex`. */
function numbersAt(value: unknown, path: readonly string[], at: string): readonly [string, number][] {
  const [key, ...rest] = path;
  if (key === undefined) return typeof value === 'number' ? [[at, value]] : [];
  if (key === '*') {
    if (!Array.isArray(value)) return [];
    return value.flatMap((each, index) => numbersAt(each, rest, `${at}(${index})`));
  }
  if (typeof value !== 'object' || value === null) return [];
  return numbersAt(Object.entries(value).find(([name]) => name === key)?.[1], rest, `${at}/${key}`);
}

function sentence(value: number, { least, most, fraction }: Range, small: boolean): string {
  const written = (number: number): string =>
    fraction === true && Number.isInteger(number) ? number.toFixed(1) : String(number);
  if (fraction === true && most !== undefined) {
    return `got ${written(value)}, expected between ${written(least)} and ${written(most)}`;
  }
  return small
    ? `got ${written(value)}, expected ${written(least)} or more`
    : `got ${written(value)}, expected ${String(most)} or less`;
}
