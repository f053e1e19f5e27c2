/** Configuration from flags and environment, and what is said when it makes no sense. */
import { describe, expect, it } from 'vitest';
import { readConfig, type Surroundings } from '../../src/config/config.ts';
import { ConfigError } from '../../src/config/error.ts';
import { optionsHelp } from '../../src/config/help.ts';
import { optionTable } from '../../src/config/options.ts';

const surroundings: Surroundings = { env: {}, home: '/h', isRoot: false, isProcessOne: false };
const url = 'http://marathon.mesos:8080';

describe('configuration', () => {
  it('has defaults for everything but Marathon', () => {
    expect(readConfig(['--marathon', url], surroundings)).toEqual({
      marathon: [url],
      marathonAccess: { login: { kind: 'address' }, tls: { caFile: null, certFile: null, keyFile: null } },
      listen: { host: '127.0.0.1', port: 8090 },
      bind: '*',
      mapPorts: new Map(),
      groups: new Set(),
      strictMode: false,
      bindHttpHttps: true,
      servicePorts: null,
      vipListeners: false,
      prometheus: null,
      allowTemplates: false,
      stateDir: '/h/.local/state/baton',
      haproxy: 'detached',
      haproxyBinary: null,
      sslCerts: [],
      proxyProtocol: false,
      forwardedHeaders: true,
      redispatch: true,
      statsBind: null,
      appIdBind: null,
      haproxyLog: null,
      haproxyTimeouts: {},
      listenerMaxconn: null,
      spareSlots: 2,
      stopGraceMs: 5000,
      stopTimeoutMs: 30_000,
      hardStopAfterMs: 600_000,
      resyncMs: 60_000,
      marathonIdleMs: 25_000,
      requestTimeoutMs: 10_000,
      logLevel: 'info',
      logFormat: 'auto',
      dryRun: false,
      shadow: null,
    });
  });

  it('knows where it runs', () => {
    const config = readConfig(['--marathon', url], { ...surroundings, isRoot: true, isProcessOne: true });
    expect(config).toMatchObject({ stateDir: '/var/lib/baton', haproxy: 'bound' });
  });

  it('takes flags before variables before defaults', () => {
    const env = {
      BATON_MARATHON: `${url},http://b:8080`,
      BATON_RESYNC: '5s',
      BATON_MAP_PORT: '80=18080, 443=18443',
      BATON_DRY_RUN: 'true',
    };
    expect(readConfig(['--resync', '7s', '--listen', '[::1]:0'], { ...surroundings, env })).toMatchObject({
      marathon: [url, 'http://b:8080'],
      resyncMs: 7000,
      mapPorts: new Map([
        [80, 18_080],
        [443, 18_443],
      ]),
      listen: { host: '::1', port: 0 },
      dryRun: true,
    });
  });

  it('says what marathon-lb was told', () => {
    const argv = ['--group', 'external', '--group', '*', '--strict-mode', '--bind-http-https', 'false'];
    const env = { BATON_SERVICE_PORTS: '10000-10100', BATON_VIP_LISTENERS: 'true' };
    expect(readConfig(['--marathon', url, ...argv], { ...surroundings, env })).toMatchObject({
      groups: new Set(['external', '*']),
      strictMode: true,
      bindHttpHttps: false,
      servicePorts: { first: 10_000, last: 10_100 },
      vipListeners: true,
    });
  });

  it('reads what HAProxy is to be', () => {
    const argv = [
      '--ssl-certs',
      '/a.pem, b.pem',
      '--proxy-protocol',
      '--forwarded-headers',
      'false',
      '--redispatch',
      'false',
      '--stats-bind',
      ':9090',
      '--haproxy',
      'bound',
    ];
    const more = [
      '--haproxy-log',
      'stdout',
      '--haproxy-timeout',
      'client=30s',
      '--haproxy-timeout',
      'tunnel=2h',
    ];
    expect(
      readConfig(['--marathon', url, ...argv, ...more, '--listener-maxconn', '10000'], surroundings),
    ).toMatchObject({
      sslCerts: ['/a.pem', 'b.pem'],
      proxyProtocol: true,
      forwardedHeaders: false,
      redispatch: false,
      statsBind: { host: '0.0.0.0', port: 9090 },
      haproxyLog: 'stdout',
      haproxyTimeouts: { client: 30_000, tunnel: 7_200_000 },
      listenerMaxconn: 10_000,
    });
  });

  it.each([
    [
      ['--ssl-certs', 'a b.pem'],
      '--ssl-certs is "a b.pem"; it should be paths without blanks, parted by commas',
    ],
    [
      ['--stats-bind', 'example:9090'],
      '--stats-bind is "example:9090"; it should be an IP address or * and a port, e.g. 127.0.0.1:9090',
    ],
    [
      ['--haproxy-log', '/dev/log local0'],
      '--haproxy-log is "/dev/log local0"; it should be stdout, an IP address and port, or the path of a socket, e.g. 127.0.0.1:514 or /dev/log',
    ],
    [
      ['--haproxy-log', 'stdout'],
      '--haproxy-log stdout needs --haproxy bound: a detached HAProxy outlives it',
    ],
    [
      ['--haproxy-timeout', 'check=1s'],
      '--haproxy-timeout is "check=1s"; it should be NAME=DURATION, e.g. client=30s, with each name of connect, client, server, queue, http-request, http-keep-alive, tunnel once',
    ],
    [['--listener-maxconn', '0'], '--listener-maxconn is "0"; it should be a number from 1 to 9999999'],
  ])('refuses %j', (argv, message) => {
    expect(() => readConfig(['--marathon', url, ...argv], surroundings)).toThrow(message);
  });

  it.each([
    [[], '--marathon is missing (or BATON_MARATHON); it should be a URL, e.g. http://marathon.mesos:8080'],
    [
      ['--marathon', 'marathon:8080'],
      '--marathon is "marathon:8080"; it should be a URL, e.g. http://marathon.mesos:8080',
    ],
    [
      ['--marathon', 'http://bob:sec#ret@b:8080'],
      '--marathon is "http://***@b:8080"; it should be a URL, e.g. http://marathon.mesos:8080, with user and password percent-encoded if they are in it',
    ],
    [
      ['--marathon', 'http://bob:sec/r@et@b:8080'],
      '--marathon is "http://***@b:8080"; it should be a URL, e.g. http://marathon.mesos:8080, with user and password percent-encoded if they are in it',
    ],
    [
      ['--marathon', 'http://a:8080,http://b:8080'],
      '--marathon is "http://a:8080,http://b:8080"; it should be a URL, e.g. http://marathon.mesos:8080; give --marathon once for each address',
    ],
    [
      ['--marathon', 'http://a:8080,b:8080'],
      '--marathon is "http://a:8080,b:8080"; it should be a URL, e.g. http://marathon.mesos:8080; give --marathon once for each address',
    ],
    [
      ['--marathon', 'http://a:8080/?pretty'],
      '--marathon is "http://a:8080/?pretty"; it should be a URL, e.g. http://marathon.mesos:8080, without ? and #',
    ],
    [['--maraton', url], 'there is no flag --maraton; did you mean --marathon?'],
    [['--marathon'], '--marathon needs a value: --marathon URL'],
    [['--marathon', '--dry-run'], '--marathon needs a value: --marathon URL'],
    [['--marathon', url, 'now'], '"now" is no flag; flags begin with --'],
    [['--marathon', url, '--dry-run=yes'], '--dry-run takes no value'],
    [
      ['--marathon', url, '--map-port', '80'],
      '--map-port is "80"; it should be FROM=TO, e.g. 80=18080, with each FROM once',
    ],
    [
      ['--marathon', url, '--map-port', '80=0'],
      '--map-port is "80=0"; it should be FROM=TO, e.g. 80=18080, with each FROM once',
    ],
    [
      ['--marathon', url, '--spare-slots', 'many'],
      '--spare-slots is "many"; it should be a number from 1 to 16',
    ],
    [
      ['--marathon', url, '--resync', '10'],
      '--resync is "10"; it should be a duration of at least 1000 ms, e.g. 30s',
    ],
    [['--marathon', url, '--listen', '9'], '--listen is "9"; it should be HOST:PORT, e.g. 127.0.0.1:8090'],
    [
      ['--marathon', url, '--bind', '999.1.1.1'],
      '--bind is "999.1.1.1"; it should be an IP address of this machine, or *',
    ],
    [
      ['--marathon', url, '--map-port', '80=1', '--map-port', '80=2'],
      '--map-port is "80=1,80=2"; it should be FROM=TO, e.g. 80=18080, with each FROM once',
    ],
    [
      ['--marathon', url, '--bind', 'all'],
      '--bind is "all"; it should be an IP address of this machine, or *',
    ],
    [
      ['--marathon', url, '--group', 'in side'],
      '--group is "in side"; it should be a name of letters, digits and ._:/@+-, or *',
    ],
    [['--marathon', url, '--bind-http-https', 'no'], '--bind-http-https is "no"; it should be true or false'],
    [['--marathon', url, '--redispatch', 'off'], '--redispatch is "off"; it should be true or false'],
    [
      ['--marathon', url, '--service-ports', '10100-10000'],
      '--service-ports is "10100-10000"; it should be FIRST-LAST, e.g. 10000-10100',
    ],
    [
      ['--marathon', url, '--prometheus', 'prometheus:9090'],
      '--prometheus is "prometheus:9090"; it should be an http or https URL without ? and #, e.g. http://prometheus.mesos:9090',
    ],
    [
      ['--marathon', url, '--prometheus', 'http://baton:secret@prometheus/?query=up'],
      '--prometheus is "http://***@prometheus/?query=up"; it should be an http or https URL without ? and #, e.g. http://prometheus.mesos:9090',
    ],
    [['--marathon', url, '--haproxy', 'both'], '--haproxy is "both"; it should be detached or bound'],
  ])('refuses %j', (argv, message) => {
    expect(() => readConfig(argv, surroundings)).toThrow(new ConfigError(message));
  });

  it('knows where Prometheus is, by flag or by variable', () => {
    const env = { BATON_PROMETHEUS: 'http://a:9090' };
    expect(readConfig(['--marathon', url], { ...surroundings, env }).prometheus).toBe('http://a:9090');
    const flags = ['--marathon', url, '--prometheus', 'https://u:p@b/prometheus/'];
    expect(readConfig(flags, { ...surroundings, env }).prometheus).toBe('https://u:p@b/prometheus/');
    expect(() =>
      readConfig(['--marathon', url], { ...surroundings, env: { BATON_PROMETHEUS: 'a' } }),
    ).toThrow('BATON_PROMETHEUS is "a"');
  });

  it('names the variable when the value came from there', () => {
    const env = { BATON_MARATHON: 'http://m:8080', BATON_LISTEN: '8090' };
    expect(() => readConfig([], { ...surroundings, env })).toThrow(
      'BATON_LISTEN is "8090"; it should be HOST:PORT',
    );
    expect(() => readConfig(['--listen', '8091'], { ...surroundings, env })).toThrow('--listen is "8091"');
  });

  it.each([
    [
      ['--marathon-user', 'baton', '--marathon-password-file', '/p'],
      { kind: 'basic', user: 'baton', passwordFile: '/p' },
    ],
    [['--marathon-token-file', '/t'], { kind: 'token', file: '/t', scheme: 'bearer' }],
    [
      ['--marathon-token-file', '/t', '--marathon-token-scheme', 'token'],
      { kind: 'token', file: '/t', scheme: 'token' },
    ],
    [['--marathon-service-account', '/s.json'], { kind: 'service-account', file: '/s.json' }],
  ])('logs in with %j', (argv, login) => {
    expect(readConfig(['--marathon', url, ...argv], surroundings).marathonAccess.login).toEqual(login);
  });

  it('takes files for TLS, from variables too', () => {
    const env = { BATON_MARATHON_CERT: '/c', BATON_MARATHON_KEY: '/k' };
    const config = readConfig(['--marathon', url, '--marathon-ca', '/ca'], { ...surroundings, env });
    expect(config.marathonAccess.tls).toEqual({ caFile: '/ca', certFile: '/c', keyFile: '/k' });
  });

  it.each([
    [['--marathon-user', 'a'], '--marathon-user needs --marathon-password-file'],
    [['--marathon-password-file', 'p'], '--marathon-password-file needs --marathon-user'],
    [['--marathon-cert', 'c'], '--marathon-cert needs --marathon-key'],
    [['--marathon-key', 'k'], '--marathon-key needs --marathon-cert'],
    [
      ['--marathon-user', 'a:b', '--marathon-password-file', 'p'],
      '--marathon-user is "a:b"; it should be a name without a colon',
    ],
    [
      ['--marathon-token-file', 't', '--marathon-service-account', 's'],
      '--marathon-token-file and --marathon-service-account are two ways to log in; give one',
    ],
    [
      ['--marathon', 'http://u:secret@b:8080', '--marathon-token-file', 't'],
      '--marathon-token-file and the user in --marathon are two ways to log in; give one',
    ],
    [
      ['--marathon-token-file', 't', '--marathon-token-scheme', 'basic'],
      '--marathon-token-scheme is "basic"; it should be bearer or token',
    ],
  ])('refuses %j as a way into Marathon', (argv, message) => {
    expect(() => readConfig(['--marathon', url, ...argv], surroundings)).toThrow(new ConfigError(message));
  });

  it('refuses a variable that is neither true nor false', () => {
    const env = { BATON_MARATHON: url, BATON_DRY_RUN: 'perhaps' };
    expect(() => readConfig([], { ...surroundings, env })).toThrow(
      'BATON_DRY_RUN is "perhaps"; it should be true or false',
    );
  });

  it('explains every flag within 80 columns', () => {
    const help = optionsHelp();
    for (const { flag } of optionTable) expect(help).toContain(`--${flag}`);
    for (const { env } of optionTable) expect(help).toContain(`[${env}]`);
    expect(Math.max(...help.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});
