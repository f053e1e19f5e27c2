/** Hostile values for every label of marathon-lb, and what must hold of whatever is read from them. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { appLabels } from '../../../src/declared/marathon-lb/app-labels.ts';
import { portLabels } from '../../../src/declared/marathon-lb/port-labels.ts';
import { templateNames } from '../../../src/declared/marathon-lb/template-labels.ts';
import type { MarathonLbPort } from '../../../src/declared/marathon-lb/types.ts';
import { type Labels, readLabels } from './reading.ts';

const rows = [...Object.values(appLabels), ...Object.values(portLabels)];
const examples: ReadonlyMap<string, string> = new Map(
  rows.flatMap(({ name, example }) =>
    [0, 1].map((index): [string, string] => [name.replace('{n}', String(index)), example]),
  ),
);
const names = [...examples.keys(), ...templateNames.map((name) => `HAPROXY_0_${name}`)];

/** Pieces that mean something to HAProxy, to a shell, to a terminal or to Python. */
const pieces = [
  '\n',
  '\r\n',
  '\u2028',
  '\u0000',
  '\u001b[31m',
  '"',
  "'",
  '\\',
  '\\ ',
  ' ',
  '\t',
  '%[src]',
  '%[env(HOME)]',
  '%n',
  '%5B',
  '${HOME}',
  '$(id)',
  '`id`',
  '; id',
  '| id',
  '&& id',
  '#',
  '{',
  '}',
  '{backendServerOptions}',
  '<script>',
  ',',
  ':',
  '::',
  '/',
  '/../',
  '*',
  '\n  server evil 10.6.6.6:80',
  '\nlisten evil\n bind :6666',
  ' if { always_true }',
  ' crt /etc/passwd',
  ' expose-fd listeners',
  ' -f /etc/passwd',
  '-i',
  '\u202e',
  'é',
  '\ud800',
  '0'.repeat(400),
];

/** A good value with pieces put into it anywhere. */
function spoilt(example: string): fc.Arbitrary<string> {
  const insertion = fc.tuple(fc.nat(example.length), fc.constantFrom(...pieces));
  return fc.array(insertion, { minLength: 1, maxLength: 3 }).map((insertions) => {
    let text = example;
    for (const [at, piece] of insertions) text = text.slice(0, at) + piece + text.slice(at);
    return text;
  });
}

const value = (name: string): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 4, arbitrary: spoilt(examples.get(name) ?? 'option {x}') },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
    { weight: 1, arbitrary: fc.constantFrom(...examples.values()) },
    {
      weight: 1,
      arbitrary: fc.array(fc.constantFrom(...pieces), { maxLength: 4 }).map((all) => all.join('')),
    },
  );

const hostileLabels: fc.Arbitrary<Labels> = fc
  .uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 12 })
  .chain((chosen) => fc.record(Object.fromEntries(chosen.map((name) => [name, value(name)]))));

/** One word of visible ASCII that neither HAProxy nor a shell reads as anything but itself. */
const harmless = /^(?!.*%(?![0-9A-Fa-f]{2}))[A-Za-z0-9._~@:+=,/*%-]*$/;
/** A password may have dollars, which mean nothing outside of quotes; it holds no other sign. */
const password = /^[A-Za-z0-9./$=]+$/;

/** Reads that many apps: nothing throws, no hostile text comes through, no guard is lost. Returns how many were read. */
export function assertHarmless(runs: number): number {
  let count = 0;
  fc.assert(
    fc.property(hostileLabels, (labels) => {
      const { reading, diagnostics } = readLabels(labels);
      count += 1;
      const { templates: _, ...rest } = reading;
      for (const text of textsIn(rest)) {
        if (!password.test(text)) expect(text).toMatch(harmless);
      }
      for (const port of reading.ports) expectGuarded(labels, port);
      expect(reading.ports.length + reading.closed.length).toBe(2);
      for (const { problem, remedy, label, value: shown } of diagnostics) {
        expect(`${problem} ${remedy} ${label} ${shown}`).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect(problem.length + remedy.length).toBeLessThan(1500);
      }
    }),
    { numRuns: runs },
  );
  return count;
}

/** What a label was to guard is guarded, or the port is not served. */
function expectGuarded(labels: Labels, port: MarathonLbPort): void {
  const has = (name: string): boolean => Object.hasOwn(labels, `HAPROXY_${port.index}_${name}`);
  if (has('AUTH')) expect(port).toMatchObject({ mode: 'http', auth: expect.anything() });
  if (has('BACKEND_NETWORK_ALLOWED_ACL')) expect(port.allowedNetworks?.length).toBeGreaterThan(0);
  if (has('SSL_CERT')) expect(port.sslCert).not.toBeNull();
  if (has('PATH') && port.vhosts.length > 0) expect(port.paths.length).toBeGreaterThan(0);
  const address = labels[`HAPROXY_${port.index}_BIND_ADDR`]?.trim() ?? '*';
  if (address !== '*') expect(port.bindAddress).not.toBeNull();
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
