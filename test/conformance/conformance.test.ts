/** The checks against reference data are worth something only if they can fail. The data here is made up. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runChecks, tableOf } from './check.ts';
import { eventChecks, eventsIn } from './events.ts';
import type { Reference } from './reference.ts';
import { compileSchemas } from './schemas.ts';
import { transcriptChecks } from './transcript.ts';

const run = fileURLToPath(new URL('run.ts', import.meta.url));

/** Reference data in memory, by path. */
function made(files: Readonly<Record<string, unknown>>): Reference {
  const text = (path: string): string => {
    const found = files[path];
    if (found === undefined) throw new Error(`no ${path}`);
    return typeof found === 'string' ? found : JSON.stringify(found);
  };
  return { root: '/made', text, json: (path) => JSON.parse(text(path)) as unknown, files: () => [] };
}

const zoo = `#%RAML 1.0 Library
uses: { names: names.raml }
types:
  Animal:
    type: object
    properties:
      name: names.Name
      age?: { type: integer, minimum: 0 }
      born?: datetime
      friends?: names.Name[]
      tags?:
        type: object
        properties:
          /^[a-z]+$/: string
      food?: (names.Name | boolean)
  Bird:
    type: Animal
    properties:
      wings: integer
`;
const names = `#%RAML 1.0 Library
types:
  Name: { type: string, minLength: 1, maxLength: 5 }
`;

const schemas = compileSchemas(
  made({
    'marathon/schema-1.4/AppDefinition.json': { $schema: 'x', properties: { id: { type: 'string' } } },
    'marathon/types/zoo.raml': zoo,
    'marathon/types/names.raml': names,
  }),
);

const hen = { name: 'Hen', wings: 2, age: 1, born: '2024-01-01T00:00:00.000Z', friends: ['Ox'], food: true };

test('a value of a RAML type passes, with what the type inherits', () => {
  expect(() => schemas.mustBe('zoo', 'Bird', { ...hen, tags: { a: 'b' } })).not.toThrow();
});

test.each<[string, Readonly<Record<string, unknown>>]>([
  ['a key that is not described', { ...hen, colour: 'red' }],
  ['a missing key', { name: 'Hen' }],
  ['a missing inherited key', { wings: 2 }],
  ['a wrong type', { ...hen, wings: 'two' }],
  ['a number below its minimum', { ...hen, age: -1 }],
  ['a text of another library that is too long', { ...hen, name: 'Henrietta' }],
  ['an element of a list', { ...hen, friends: ['Ox', ''] }],
  ['a text that is no instant', { ...hen, born: 'yesterday' }],
  ['a key outside the pattern', { ...hen, tags: { 1: 'b' } }],
  ['none of the alternatives', { ...hen, food: 7 }],
])('a RAML type refuses %s', (_what, value) => {
  expect(() => schemas.mustBe('zoo', 'Bird', value)).toThrow('not a zoo.Bird');
});

test('a type that is not there is an error, not a pass', () => {
  expect(() => schemas.mustBe('zoo', 'Fish', {})).toThrow('Fish');
});

test('a check that throws is a failure, named in the table, and the others still run', async () => {
  const outcomes = await runChecks([
    { subject: 'a', holds: 'b', run: () => Promise.reject(new Error('broken | here')) },
    { subject: 'c', holds: 'd', run: () => 'seen' },
  ]);
  expect(outcomes.map(({ passed }) => passed)).toEqual([false, true]);
  expect(tableOf(outcomes)).toContain(String.raw`| FAILED | a | b | broken \| here |`);
  expect(tableOf(outcomes)).toContain('1 of 2 checks passed');
});

test('frames are found whatever their line ends, heartbeats among them', () => {
  const text = 'event: a\r\ndata: {"x":1}\r\n\r\n\r\n\r\nevent: b\ndata: {}\n\n';
  expect(eventsIn(text)).toEqual([
    { type: 'a', data: '{"x":1}' },
    { type: 'b', data: '{}' },
  ]);
});

test('an event that names an app and means none deviates', async () => {
  const good = { eventType: 'status_update_event', appId: '/a' };
  const odd = { eventType: 'status_update_event', other: { appId: '/a' } };
  const [samples] = eventChecks(made({ 'marathon/events/events-marathon-1.8-to-1.11.json': { good } }));
  const [changed] = eventChecks(made({ 'marathon/events/events-marathon-1.8-to-1.11.json': { good, odd } }));
  if (samples === undefined || changed === undefined) throw new Error('no checks');
  expect(await runChecks([samples, changed])).toMatchObject([{ passed: true }, { passed: false }]);
});

const before = '2016-01-01T00:00:00.000Z';
const after = '2016-01-01T01:00:00.000Z';

function definition(id: string, version: string): Readonly<Record<string, unknown>> {
  return { id, version, instances: 1, healthChecks: [{ protocol: 'HTTP' }], ports: [1] };
}

/** A recording of an upgrade of `/g/a` whose plan names these apps. */
function recording(...named: readonly string[]): string {
  const original = { groups: [{ apps: [definition('/g/a', before), definition('/g/b', before)] }] };
  const target = { groups: [{ apps: [definition('/g/a', after), definition('/g/b', before)] }] };
  const steps = [{ actions: named.map((app) => ({ type: 'RestartApplication', app })) }];
  const status = { taskId: 'g_a.1', appId: '/g/a', host: 'h', ports: [1], version: after, timestamp: after };
  const events = [
    { eventType: 'deployment_info', plan: { original, target, steps, version: after } },
    { ...status, eventType: 'status_update_event', taskStatus: 'TASK_RUNNING' },
    { eventType: 'health_status_changed_event', appId: '/g/a', taskId: 'g_a.1', alive: true },
  ];
  return events.map((event) => `event: ${event.eventType}\ndata: ${JSON.stringify(event)}\n\n`).join('');
}

test('a recording leads to the apps that it describes, and one that does not fit itself deviates', async () => {
  const path = 'zdd/event-bus-log-base-min-over.txt';
  const [fits] = transcriptChecks(made({ [path]: recording('/g/a') }));
  const [unfit] = transcriptChecks(made({ [path]: recording('/g/a', '/g/b') }));
  if (fits === undefined || unfit === undefined) throw new Error('no checks');
  expect(await runChecks([fits])).toMatchObject([{ passed: true, detail: expect.stringContaining('/g/a') }]);
  expect(await runChecks([unfit])).toMatchObject([
    { passed: false, detail: expect.stringContaining('the version of /g/b') },
  ]);
});

test.each([
  ['without a directory', [], 2, 'usage:'],
  ['with a directory that is not there', ['/nowhere/at/all'], 1, 'is no directory'],
])('%s it says so and fails', (_how, args, code, message) => {
  const done = spawnSync(process.execPath, [run, ...args], { encoding: 'utf8', timeout: 20_000 });
  expect([done.status, done.stderr]).toEqual([code, expect.stringContaining(message)]);
});
