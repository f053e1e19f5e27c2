/** The table of options: each can be a flag or an environment variable; `--help` is printed from here. */

export interface OptionDefinition {
  readonly flag: string;
  /** The environment variable; lists are separated by commas there. */
  readonly env: string;
  /** What stands for the value in `--help`; null for a switch. */
  readonly value: string | null;
  readonly repeatable: boolean;
  readonly fallback: string | null;
  readonly help: string;
}

function option(
  flag: string,
  value: string | null,
  fallback: string | null,
  help: string,
  repeatable = false,
): OptionDefinition {
  return { flag, env: `BATON_${flag.replaceAll('-', '_').toUpperCase()}`, value, repeatable, fallback, help };
}

export const optionTable: readonly OptionDefinition[] = [
  option(
    'marathon',
    'URL',
    null,
    "Marathon's address, e.g. http://marathon.mesos:8080; may carry user:password and a path. Required.",
    true,
  ),
  option(
    'marathon-user',
    'NAME',
    null,
    'The user for HTTP basic authentication, with --marathon-password-file.',
  ),
  option('marathon-password-file', 'FILE', null, 'Holds the password of --marathon-user.'),
  option(
    'marathon-token-file',
    'FILE',
    null,
    'Holds a token; read again for each request, so it may be renewed at any time.',
  ),
  option(
    'marathon-token-scheme',
    'SCHEME',
    'bearer',
    'How the token is sent: bearer, or token as DC/OS wants it (Authorization: token=...).',
  ),
  option(
    'marathon-service-account',
    'FILE',
    null,
    'A DC/OS service account, as JSON with uid, private_key, login_endpoint and scheme. Baton logs in and renews its token.',
  ),
  option(
    'marathon-ca',
    'FILE',
    null,
    "The certificate authorities to trust with https, in PEM, instead of Node's own.",
  ),
  option('marathon-cert', 'FILE', null, 'The certificate that Baton shows, in PEM, with --marathon-key.'),
  option('marathon-key', 'FILE', null, 'The key of --marathon-cert, in PEM, without a passphrase.'),
  option(
    'listen',
    'HOST:PORT',
    '127.0.0.1:8090',
    'Where Baton serves its API, /metrics, /healthz and /readyz.',
  ),
  option('bind', 'ADDRESS', '*', 'The address that the services listen on; * is all of this machine.'),
  option('map-port', 'FROM=TO', null, 'Bind a declared port elsewhere, e.g. 80=18080.', true),
  option(
    'group',
    'NAME',
    null,
    'Serve the apps of this HAPROXY_GROUP by their labels of marathon-lb; * is all apps. Without it none is.',
    true,
  ),
  option('strict-mode', null, null, 'Of those serve only ports with HAPROXY_{n}_ENABLED.'),
  option(
    'bind-http-https',
    'BOOL',
    'true',
    'Whether virtual hosts are served on ports 80 and 443: true or false.',
  ),
  option(
    'service-ports',
    'FIRST-LAST',
    null,
    'Of the service ports of marathon-lb bind only these, e.g. 10000-10100.',
  ),
  option(
    'allow-templates',
    null,
    null,
    "Let labels of marathon-lb that hold HAProxy configuration (templates) add to their app's own backends what is harmless to others and what HAProxy takes; and rewrites and conditions of Vamp's gateways be HAProxy's own words.",
  ),
  option('vip-listeners', null, null, 'Serve each VIP (VIP_0 and the like) in mode tcp on its port.'),
  option(
    'prometheus',
    'URL',
    null,
    'The Prometheus that is asked the queries of `analysis`, e.g. http://prometheus.mesos:9090; may carry user:password and a path.',
  ),
  option(
    'state-dir',
    'DIR',
    null,
    'What must outlive Baton, and the files of HAProxy. Default: /var/lib/baton for root, else ~/.local/state/baton.',
  ),
  option(
    'haproxy',
    'MODE',
    null,
    'detached: HAProxy outlives Baton and is adopted by the next. bound: it stops with Baton. Default: detached, and bound when Baton is process 1.',
  ),
  option(
    'haproxy-binary',
    'PATH',
    null,
    'The haproxy program, 2.6 or later. Default: the first on the PATH or in /usr/sbin.',
  ),
  option(
    'ssl-certs',
    'FILES',
    null,
    'Certificates with their keys for services over TLS, in PEM; several parted by commas. The first is for clients that name no host.',
  ),
  option(
    'proxy-protocol',
    null,
    null,
    'Whoever connects to a service says who the client is, in a PROXY header (version 1 or 2).',
  ),
  option(
    'forwarded-headers',
    'true|false',
    'true',
    'Whether tasks are told of the client: X-Forwarded-For, X-Forwarded-Port and X-Forwarded-Proto.',
  ),
  option(
    'redispatch',
    'true|false',
    'true',
    'Whether a request whose server cannot be connected to is tried on another one. Without it that request waits, and fails with its server.',
  ),
  option(
    'stats-bind',
    'HOST:PORT',
    null,
    'Where HAProxy shows its statistics (/haproxy?stats, and ;csv), says that it is well (/_haproxy_health_check), and what it runs (/_haproxy_getconfig, _getvhostmap, _getappmap); marathon-lb has :9090. Nowhere without it.',
  ),
  option(
    'appid-bind',
    'HOST:PORT',
    null,
    'Where a request says by the header X-Marathon-App-Id for which app it is; marathon-lb has :9091. Nowhere without it.',
  ),
  option(
    'haproxy-log',
    'WHERE',
    null,
    'Where HAProxy tells of each request: a syslog server (HOST:PORT) or socket (/dev/log), or stdout, for --haproxy bound. Nowhere without it.',
  ),
  option(
    'haproxy-timeout',
    'NAME=DURATION',
    null,
    "A timeout of HAProxy's: connect (3s), client (30s), server (30s), queue (30s), http-request (15s), http-keep-alive (10s) or tunnel (1h).",
    true,
  ),
  option(
    'listener-maxconn',
    'N',
    null,
    'How many connections one address and port has at once, at most. Default: a quarter of what the limit on open files allows.',
  ),
  option(
    'spare-slots',
    'N',
    '2',
    'Idle pools that each service keeps ready, so that a new version needs no reload.',
  ),
  option('stop-grace', 'DURATION', '5s', 'bound only: how long /readyz fails before HAProxy begins to stop.'),
  option(
    'stop-timeout',
    'DURATION',
    '30s',
    'bound only: how long HAProxy may finish its requests when Baton stops, after the grace.',
  ),
  option(
    'hard-stop-after',
    'DURATION',
    '10m',
    'How long a HAProxy worker that a reload replaced may finish its requests and connections.',
  ),
  option('resync', 'DURATION', '60s', 'How often all apps are read again though no event asks for it.'),
  option(
    'marathon-idle',
    'DURATION',
    '25s',
    "Silence on the event stream that counts as dead; Marathon's heartbeat comes every 10 s.",
  ),
  option('request-timeout', 'DURATION', '10s', 'Bound on each request to Marathon.'),
  option('log-level', 'LEVEL', 'info', 'debug, info, warn or error.'),
  option('log-format', 'FORMAT', 'auto', 'json, pretty, or auto: pretty on a terminal.'),
  option(
    'dry-run',
    null,
    null,
    'Read Marathon once, print what Baton would do and why, change nothing, and end.',
  ),
  option(
    'shadow',
    null,
    null,
    'Carry nothing, start no HAProxy, write nothing: follow Marathon and tell what Baton would do differently from another HAProxy.',
  ),
  option(
    'shadow-of',
    'URL',
    null,
    "That HAProxy's statistics: a page or its CSV, which may carry user:password, or unix:PATH of its stats socket. Default: http://127.0.0.1:9090/haproxy?stats.",
  ),
  option('shadow-interval', 'DURATION', '10s', 'How often a shadow compares.'),
  option(
    'once',
    null,
    null,
    'With --shadow: print the differences and end, with exit code 3 when there are any.',
  ),
  option('json', null, null, 'With --shadow --once: the same as JSON.'),
];
