/** What `baton lint` says of the users' own app definitions and of Marathon's examples. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDefinitions } from '../../src/cli/definitions/read.ts';
import { lint, type Linted } from '../../src/cli/lint/lint.ts';
import { type Check, must, mustEqual } from './check.ts';
import type { Reference } from './reference.ts';

/** Marathon's examples that are definitions of apps; the others are answers about tasks, deployments and the like. */
const examples = [
  'app',
  'app-check-http-example',
  'app_list',
  'app_patch',
  'apps_create',
  'apps_patch',
  'group',
];

/** Label by label: the app's, then those of its ports. */
const expected: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '/app1': { 'FE-Proxy': 'understood', avi_proxy: 'understood' },
  '/app1-100': { proxy_listener: 'understood', ab_config: 'understood', avi_proxy: 'understood' },
  '/app1-200': { proxy_listener: 'understood', ab_config: 'understood', avi_proxy: 'understood' },
  '/zdd/blue': { HAPROXY_GROUP: 'understood', HAPROXY_0_PORT: 'understood', HAPROXY_0_VHOST: 'malformed' },
  '/postgres': { VIP_0: 'understood' },
  '/nginx': { VIP_0: 'ignored' },
};

export function lintChecks(reference: Reference): readonly Check[] {
  const definitions = [
    ...['avi', 'dcos-vip', 'zdd'].flatMap((folder) => reference.files(folder, '.json')),
    ...examples.map((name) => `marathon/examples/${name}.json`),
  ];
  return [
    {
      subject: 'avi/*.json, dcos-vip/*.json, zdd/**/*.json, marathon/examples/*.json',
      holds: 'baton lint reads each app, finds no error, and has the expected word for each label',
      run: async () => {
        const linted = await linting(definitions.map((path) => join(reference.root, path)));
        const errors = linted.findings.filter(({ severity }) => severity === 'error');
        mustEqual('errors', errors, []);
        const verdicts = new Map(linted.apps.map(({ app, labels }) => [app, labels]));
        for (const [app, words] of Object.entries(expected)) {
          const found = verdicts.get(app)?.map(({ label, verdict }) => [label, verdict]);
          mustEqual(`the labels of ${app}`, Object.fromEntries(found ?? []), words);
        }
        return `${linted.summary.apps} apps in ${definitions.length} files`;
      },
    },
    {
      subject: 'avi/*.json',
      holds: 'baton lint says that they become pools of app1 with priority 0, 10 and 20',
      run: async () => {
        const { apps } = await linting(
          reference.files('avi', '.json').map((path) => join(reference.root, path)),
        );
        const pools = apps.flatMap(({ app, becomes }) =>
          becomes.map(({ service, elsewhere, pool }) => [app, service, elsewhere, pool?.priority]),
        );
        mustEqual(
          'the pools',
          pools.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
          [
            ['/app1', '/app1', false, 0],
            ['/app1-100', '/app1', false, 10],
            ['/app1-200', '/app1', false, 20],
          ],
        );
        return `${pools.length} pools`;
      },
    },
    {
      subject: 'zdd/blue-green/blue.json',
      holds: 'baton lint finds the http:// in the virtual host, and the comma that its tutorial forgets',
      run: async () => {
        const text = reference.text('zdd/blue-green/blue.json');
        const broken = text.replace('"HAPROXY_GROUP": "external",', '"HAPROXY_GROUP": "external"');
        must(broken !== text, 'there is no such label to break');
        const line = lineOf(text, '"HAPROXY_0_VHOST"');
        for (const [given, codes] of [
          [text, ['entries-dropped']],
          [broken, ['invalid-json', 'entries-dropped']],
        ] as const) {
          const { findings } = await lintingText(given);
          mustEqual(
            'the findings',
            findings.map(({ code }) => code),
            codes,
          );
          const host = findings.find(({ code }) => code === 'entries-dropped');
          mustEqual('the line of the virtual host', host?.line, line);
          must(
            /^Write "ec2-[^/]*\.amazonaws\.com": /.test(host?.remedy ?? ''),
            `the remedy is ${host?.remedy}`,
          );
          const comma = findings.find(({ code }) => code === 'invalid-json');
          if (comma !== undefined) {
            mustEqual('the line after the comma', comma.line, lineOf(text, '"HAPROXY_GROUP"') + 1);
            must(comma.problem.includes('a comma is missing'), `the problem is ${comma.problem}`);
          }
        }
        return `line ${line}`;
      },
    },
  ];
}

function lineOf(text: string, part: string): number {
  return text.slice(0, text.indexOf(part)).split('\n').length;
}

async function linting(paths: readonly string[]): Promise<Linted> {
  return lint(await readDefinitions(paths, '2024-01-01T00:00:00.000Z', AbortSignal.timeout(30_000)));
}

async function lintingText(text: string): Promise<Linted> {
  const directory = await mkdtemp(join(tmpdir(), 'b-'));
  try {
    const path = join(directory, 'app.json');
    await writeFile(path, text);
    return await linting([path]);
  } finally {
    await rm(directory, { recursive: true });
  }
}
