/** Renders what becomes of marathon-lb's labels and flags: a row for each, so that none can be forgotten. */
import { optionTable } from '../../src/config/options.ts';
import { appLabels } from '../../src/declared/marathon-lb/app-labels.ts';
import { bindOptionNames } from '../../src/declared/marathon-lb/bind-options.ts';
import { type PortLabel, portLabels } from '../../src/declared/marathon-lb/port-labels.ts';
import { shadowKindTable } from '../../src/plan/shadow/differences.ts';
import { code, markdownTable } from './markdown.ts';

type Verdict = 'same' | 'better' | 'differs' | 'not used';
type Row = readonly [verdict: Verdict, text: string];

const ofApp: Readonly<Record<keyof typeof appLabels, Row>> = {
  GROUP: ['same', 'Blanks around the commas do no harm.'],
  DEPLOYMENT_GROUP: [
    'better',
    'Any number of apps is one service. An empty group is a diagnostic of its app; at marathon-lb it stopped all updates.',
  ],
  DEPLOYMENT_ALT_PORT: ['not used', 'It is for zdd.py, which chooses the service port of the next colour.'],
  DEPLOYMENT_COLOUR: ['not used', 'Which colour is newer is told by `HAPROXY_DEPLOYMENT_STARTED_AT`.'],
  DEPLOYMENT_STARTED_AT: [
    'better',
    'The only thing that tells old from new, besides the age of the configuration. Scaling the old colour never swaps the roles.',
  ],
  DEPLOYMENT_TARGET_INSTANCES: [
    'differs',
    'Until the newer colour has so many up, both serve by instances; then it serves alone, at once. marathon-lb disables old instances one by one as new ones come.',
  ],
  DEPLOYMENT_NEW_INSTANCES: [
    'same',
    'Above 0 both colours stay, by instances; or by `weight`, if you give one.',
  ],
  APP_ID: ['not used', 'By marathon-lb neither.'],
};

const ofPort: Readonly<Record<PortLabel, Row>> = {
  GROUP: ['same', 'Blanks around the commas do no harm.'],
  VHOST: [
    'better',
    'Apps with one host share its traffic, by instances or by `weight`; at marathon-lb one of them had it all. On 443 the Host header leads, as on 80; the name in the handshake (SNI) chooses the certificate.',
  ],
  PATH: ['better', 'With equal `BACKEND_WEIGHT` the longest beginning wins, whatever the order.'],
  ENABLED: ['same', 'With `--strict-mode`, too.'],
  STICKY: [
    'differs',
    'The cookie has the same name and another value: at the switch each client chooses anew, once. A client whose task is gone gets another one, and so does one whose version was replaced and has finished what it had.',
  ],
  REDIRECT_TO_HTTPS: [
    'better',
    'A 301 to the same host and path; not for those who came over TLS to a load balancer in front that says so by `X-Forwarded-Proto`, whom marathon-lb sends round in circles.',
  ],
  USE_HSTS: [
    'differs',
    'With every HAProxy from 2.6 on, and the same half year; only for those who came over TLS, here or, as `X-Forwarded-Proto` says, at a load balancer in front.',
  ],
  SSL_CERT: [
    'better',
    'Serves the virtual hosts on 443 as well. A file that cannot be used is a diagnostic, and the others are served.',
  ],
  BIND_OPTIONS: [
    'differs',
    `Only what can harm nobody else: ${bindOptionNames}. Anything else closes the port.`,
  ],
  BIND_ADDR: [
    'differs',
    'An address that this machine does not have is a diagnostic, and the port is not bound.',
  ],
  PORT: ['same', 'A bad number closes this port; at marathon-lb it stopped all updates.'],
  MODE: [
    'same',
    'The label wins over the health check, as in the code of marathon-lb and not in its manual.',
  ],
  BALANCE: [
    'differs',
    'Only roundrobin, leastconn and source, which need no reload: static-rr, first and random count as roundrobin, hashes as source, and a diagnostic says so.',
  ],
  BACKEND_WEIGHT: ['same', 'An order, no share. Shares are `weight`.'],
  BACKEND_NETWORK_ALLOWED_ACL: [
    'better',
    'A bad entry is left out and told; without a good one the port is closed.',
  ],
  BACKEND_HEALTHCHECK_PORT_INDEX: ['same', 'An index beyond the ports counts as the port itself.'],
  AUTH: [
    'better',
    'Holds wherever the port is reached, its service port too. A password that is not as crypt writes it closes this port; at marathon-lb a colon in it stopped all updates.',
  ],
  HTTP_BACKEND_PROXYPASS_PATH: [
    'differs',
    'Cuts the path with every HAProxy from 2.6 on, and leaves the Host header as it is. A plain path: regular expressions and their back references are refused.',
  ],
  HTTP_BACKEND_REVPROXY_PATH: [
    'differs',
    'Only a Location that leads back to the host that was asked is changed, with every HAProxy from 2.6 on. A plain path, as above.',
  ],
  HTTP_BACKEND_REDIR: ['differs', 'Holds on the service port, too.'],
};

/** marathon-lb's flag, Baton's, and a word about it. */
const flags: readonly (readonly [theirs: string, ours: string, text: string])[] = [
  ['--marathon', '--marathon', 'Several times for several addresses.'],
  ['--group', '--group', ''],
  ['--strict-mode', '--strict-mode', ''],
  ['--dont-bind-http-https', '--bind-http-https false', ''],
  ['--ssl-certs', '--ssl-certs', 'No default, and no self-signed one: without any, 443 needs a `SSL_CERT`.'],
  [
    '--auth-credentials, --marathon-auth-credential-file',
    '--marathon-user, --marathon-password-file',
    'The password stands in a file.',
  ],
  ['--dcos-auth-credentials', '--marathon-service-account', 'The same JSON, in a file.'],
  ['--marathon-ca-cert', '--marathon-ca', 'TLS is verified without it, too.'],
  ['--dry', '--dry-run', '`baton plan` tells more.'],
  ['--log-level, --log-format', '--log-level, --log-format', 'Other values. The log is on standard output.'],
  [
    '--health-check',
    '',
    'Always: all health checks must pass, and readiness checks. marathon-lb wants one of them.',
  ],
  ['--sse', '', 'Always.'],
  ['--haproxy-map', '', 'Always.'],
  ['--group-https-by-vhost', '', 'Always.'],
  [
    '--haproxy-config, --archive-versions',
    '--state-dir',
    "HAProxy's files are there; there is one version, the one that runs.",
  ],
  [
    '--command, --reload-interval, --max-reload-retries',
    '',
    'Baton starts and reloads HAProxy itself, and seldom.',
  ],
  ['--skip-validation, --skip-config-cleanup', '', 'What HAProxy refuses is put aside, service by service.'],
  ['--min-serv-port-ip-per-task, --max-serv-port-ip-per-task', '', 'The default range, 10050 to 10100.'],
  ['--syslog-socket', '--haproxy-log', "For HAProxy's log of requests. Baton's own is on standard output."],
  ['--lru-cache-capacity, --max-backoff', '', 'Nothing to set.'],
];

/** What marathon-lb serves beside the applications. */
const places: readonly (readonly [theirs: string, ours: string])[] = [
  ['`:9090/haproxy?stats`, `;csv`', '`--stats-bind *:9090`; backends and servers have other names there'],
  ['`:9090/_haproxy_health_check`', '`--stats-bind *:9090`'],
  ['`:9090/metrics`', '`/metrics` at `--listen`: shares, health and requests of each pool'],
  [
    '`:9090/_haproxy_getconfig`',
    '`--stats-bind *:9090`, while Baton runs; also `GET /v1/haproxy/config` at `--listen`. Without passwords',
  ],
  [
    '`:9090/_haproxy_getvhostmap`, `_getappmap`',
    '`--stats-bind *:9090`, while Baton runs; also `GET /v1/haproxy/vhostmap` and `/appmap`. Always, with names of services and slots, a path behind the host',
  ],
  [
    '`:9090/_haproxy_getpids`, `_mlb_signal/...`',
    'none: nothing has to wait for a reload, or to ask for one',
  ],
  ['`:9091`, by `X-Marathon-App-Id`', '`--appid-bind *:9091`'],
];

export function movingLabels(): string {
  const compared = (rows: readonly (readonly [{ readonly name: string }, Row])[]): string =>
    markdownTable(
      ['Label', 'Is', 'What to know'],
      rows.map(([{ name }, [verdict, text]]) => [code(name), verdict, text]),
    );
  const rowsOf = <Name extends string>(
    labels: Readonly<Record<Name, { readonly name: string }>>,
    rows: Readonly<Record<Name, Row>>,
  ) => (Object.keys(labels) as Name[]).map((name) => [labels[name], rows[name]] as const);
  return [
    'About the whole app:',
    compared(rowsOf(appLabels, ofApp)),
    'About one service port:',
    compared(rowsOf(portLabels, ofPort)),
  ].join('\n\n');
}

/** @throws Error for a flag that Baton does not have */
export function movingFlags(): string {
  const known = new Set(optionTable.map(({ flag }) => `--${flag}`));
  const named = [...flags.map(([, ours]) => ours), ...places.map(([, ours]) => ours)];
  const unknown = named.flatMap((text) => text.match(/--[a-z-]+/g) ?? []).filter((flag) => !known.has(flag));
  if (unknown.length > 0) throw new Error(`baton run has no ${unknown.join()}`);
  const listed = (text: string): string => text.split(', ').map(code).join(', ');
  return [
    markdownTable(
      ['Flag of marathon-lb', 'Of Baton', 'What to know'],
      flags.map(([theirs, ours, text]) => [listed(theirs), ours === '' ? 'none' : listed(ours), text]),
    ),
    markdownTable(['What is where with marathon-lb', 'And with Baton'], places),
  ].join('\n\n');
}

export function shadowKinds(): string {
  return markdownTable(
    ['Kind', 'Meaning'],
    Object.entries(shadowKindTable).map(([kind, meaning]) => [code(kind), meaning]),
  );
}
