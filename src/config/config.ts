/** Configuration: flags and environment into one frozen, validated object. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { durationMs } from '../model/duration.ts';
import { type AccessConfig, accessOf } from './access.ts';
import { ConfigError } from './error.ts';
import { collect, namedAsGiven, parseFlags } from './given.ts';
import { certificateFiles, isLogTarget, bindPlace, timeoutNames, timeoutsIn } from './haproxy.ts';
import { hostPort } from './host-port.ts';
import { badMarathonUrl, isMarathonUrl } from './marathon-url.ts';
import { portMap, portRange } from './ports.ts';
import { badPrometheusUrl, isPrometheusUrl } from './prometheus.ts';
import { type ShadowConfig, shadowOf } from './shadow.ts';

export interface Config {
  readonly marathon: readonly string[];
  readonly marathonAccess: AccessConfig;
  readonly listen: { readonly host: string; readonly port: number };
  readonly bind: string;
  readonly mapPorts: ReadonlyMap<number, number>;
  readonly groups: ReadonlySet<string>;
  readonly strictMode: boolean;
  readonly bindHttpHttps: boolean;
  readonly servicePorts: { readonly first: number; readonly last: number } | null;
  readonly vipListeners: boolean;
  readonly prometheus: string | null;
  readonly allowTemplates: boolean;
  readonly stateDir: string;
  readonly haproxy: 'detached' | 'bound';
  readonly haproxyBinary: string | null;
  readonly sslCerts: readonly string[];
  readonly proxyProtocol: boolean;
  readonly forwardedHeaders: boolean;
  readonly redispatch: boolean;
  readonly statsBind: { readonly host: string; readonly port: number } | null;
  readonly appIdBind: { readonly host: string; readonly port: number } | null;
  /** `stdout`, a syslog server or a socket. */
  readonly haproxyLog: string | null;
  /** By HAProxy's names, ms. */
  readonly haproxyTimeouts: Readonly<Record<string, number>>;
  readonly listenerMaxconn: number | null;
  readonly spareSlots: number;
  readonly stopGraceMs: number;
  readonly stopTimeoutMs: number;
  readonly hardStopAfterMs: number;
  readonly resyncMs: number;
  readonly marathonIdleMs: number;
  readonly requestTimeoutMs: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly logFormat: 'auto' | 'json' | 'pretty';
  readonly dryRun: boolean;
  /** Null unless Baton is to be one: it carries nothing, and compares itself with another. */
  readonly shadow: ShadowConfig | null;
}

/** What the defaults depend on. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly isRoot: boolean;
  readonly isProcessOne: boolean;
}

/** @throws ConfigError for the first thing that is wrong */
export function readConfig(argv: readonly string[], surroundings: Surroundings): Config {
  const flags = parseFlags(argv);
  const given = collect(flags, surroundings.env);
  const parsed = schemaFor(surroundings).safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    if (issue === undefined) throw new ConfigError('the configuration makes no sense');
    throw new ConfigError(namedAsGiven(issue, flags, surroundings.env));
  }
  const { haproxy, haproxyLog } = parsed.data;
  if (haproxyLog === 'stdout' && haproxy === 'detached') {
    throw new ConfigError('--haproxy-log stdout needs --haproxy bound: a detached HAProxy outlives it');
  }
  return Object.freeze(parsed.data);
}

function schemaFor(surroundings: Surroundings) {
  const wrong = (flag: string, should: string) => ({
    error: ({ input }: { input?: unknown }) =>
      input === undefined
        ? `--${flag} is missing (or BATON_${flag.replaceAll('-', '_').toUpperCase()}); it should be ${should}`
        : `--${flag} is ${JSON.stringify(input)}; it should be ${should}`,
  });
  const duration = (flag: string, minMs: number) =>
    z
      .string()
      .transform((text) => ({ text, ms: durationMs(text) }))
      .refine(({ ms }) => ms !== null && ms >= minMs, {
        error: ({ input }) =>
          `--${flag} is ${JSON.stringify((input as { text: string }).text)}; it should be a duration of at least ${minMs} ms, e.g. 30s`,
      })
      .transform(({ ms }) => ms ?? 0);
  const place = (flag: string, example: string) =>
    z
      .string()
      .optional()
      .transform(
        (text, context) =>
          bindPlace(text) ??
          refuse(
            context,
            `--${flag} is ${JSON.stringify(text)}; it should be an IP address or * and a port, e.g. ${example}`,
          ),
      );
  return z
    .object({
      marathon: z
        .array(
          z.string().refine(isMarathonUrl, { error: ({ input }) => badMarathonUrl(String(input)) }),
          wrong('marathon', 'a URL, e.g. http://marathon.mesos:8080'),
        )
        .min(1),
      'marathon-user': z.string().min(1).optional(),
      'marathon-password-file': z.string().min(1).optional(),
      'marathon-token-file': z.string().min(1).optional(),
      'marathon-token-scheme': z.enum(['bearer', 'token'], wrong('marathon-token-scheme', 'bearer or token')),
      'marathon-service-account': z.string().min(1).optional(),
      'marathon-ca': z.string().min(1).optional(),
      'marathon-cert': z.string().min(1).optional(),
      'marathon-key': z.string().min(1).optional(),
      listen: z
        .string()
        .transform(
          (text, context) =>
            hostPort(text) ??
            refuse(
              context,
              `--listen is ${JSON.stringify(text)}; it should be HOST:PORT, e.g. 127.0.0.1:8090`,
            ),
        ),
      bind: z
        .string()
        .refine(
          (text) => text === '*' || isIP(text) !== 0,
          wrong('bind', 'an IP address of this machine, or *'),
        ),
      'map-port': z
        .array(z.string())
        .optional()
        .transform(
          (list, context) =>
            portMap(list ?? []) ??
            refuse(
              context,
              `--map-port is ${JSON.stringify(list?.join(','))}; it should be FROM=TO, e.g. 80=18080, with each FROM once`,
            ),
        ),
      group: z
        .array(
          z
            .string()
            .regex(
              /^(?:\*|[A-Za-z0-9._:/@+-]{1,255})$/,
              wrong('group', 'a name of letters, digits and ._:/@+-, or *'),
            ),
        )
        .optional(),
      'strict-mode': z.boolean().optional(),
      'bind-http-https': z.enum(['true', 'false'], wrong('bind-http-https', 'true or false')),
      'service-ports': z
        .string()
        .optional()
        .transform((text, context) =>
          text === undefined
            ? null
            : (portRange(text) ??
              refuse(
                context,
                `--service-ports is ${JSON.stringify(text)}; it should be FIRST-LAST, e.g. 10000-10100`,
              )),
        ),
      'vip-listeners': z.boolean().optional(),
      prometheus: z
        .string()
        .refine(isPrometheusUrl, { error: ({ input }) => badPrometheusUrl(String(input)) })
        .optional(),
      'allow-templates': z.boolean().optional(),
      'state-dir': z
        .string()
        .min(1)
        .default(surroundings.isRoot ? '/var/lib/baton' : `${surroundings.home}/.local/state/baton`),
      haproxy: z
        .enum(['detached', 'bound'], wrong('haproxy', 'detached or bound'))
        .default(surroundings.isProcessOne ? 'bound' : 'detached'),
      'haproxy-binary': z.string().min(1).optional(),
      'ssl-certs': z
        .string()
        .optional()
        .transform(
          (text, context) =>
            certificateFiles(text) ??
            refuse(
              context,
              `--ssl-certs is ${JSON.stringify(text)}; it should be paths without blanks, parted by commas`,
            ),
        ),
      'proxy-protocol': z.boolean().optional(),
      'forwarded-headers': z.enum(['true', 'false'], wrong('forwarded-headers', 'true or false')),
      redispatch: z.enum(['true', 'false'], wrong('redispatch', 'true or false')),
      'stats-bind': place('stats-bind', '127.0.0.1:9090'),
      'appid-bind': place('appid-bind', '127.0.0.1:9091'),
      'haproxy-log': z
        .string()
        .refine(
          isLogTarget,
          wrong(
            'haproxy-log',
            'stdout, an IP address and port, or the path of a socket, e.g. 127.0.0.1:514 or /dev/log',
          ),
        )
        .optional(),
      'haproxy-timeout': z
        .array(z.string())
        .optional()
        .transform(
          (list, context) =>
            timeoutsIn(list ?? []) ??
            refuse(
              context,
              `--haproxy-timeout is ${JSON.stringify(list?.join(','))}; it should be NAME=DURATION, e.g. client=30s, with each name of ${timeoutNames.join(', ')} once`,
            ),
        ),
      'listener-maxconn': z
        .string()
        .regex(/^[1-9]\d{0,6}$/, wrong('listener-maxconn', 'a number from 1 to 9999999'))
        .transform(Number)
        .optional(),
      'spare-slots': z
        .string()
        .regex(/^([1-9]|1[0-6])$/, wrong('spare-slots', 'a number from 1 to 16'))
        .transform(Number),
      'stop-grace': duration('stop-grace', 0),
      'stop-timeout': duration('stop-timeout', 0),
      'hard-stop-after': duration('hard-stop-after', 1000),
      resync: duration('resync', 1000),
      'marathon-idle': duration('marathon-idle', 1000),
      'request-timeout': duration('request-timeout', 100),
      'log-level': z.enum(
        ['debug', 'info', 'warn', 'error'],
        wrong('log-level', 'debug, info, warn or error'),
      ),
      'log-format': z.enum(['auto', 'json', 'pretty'], wrong('log-format', 'auto, json or pretty')),
      'dry-run': z.boolean().optional(),
      shadow: z.boolean().optional(),
      'shadow-of': z.string().min(1).optional(),
      'shadow-interval': z.string(),
      once: z.boolean().optional(),
      json: z.boolean().optional(),
    })
    .transform(
      (given): Config => ({
        marathon: given.marathon,
        marathonAccess: accessOf(given),
        listen: given.listen,
        bind: given.bind,
        mapPorts: given['map-port'],
        groups: new Set(given.group),
        strictMode: given['strict-mode'] ?? false,
        bindHttpHttps: given['bind-http-https'] === 'true',
        servicePorts: given['service-ports'],
        vipListeners: given['vip-listeners'] ?? false,
        prometheus: given.prometheus ?? null,
        allowTemplates: given['allow-templates'] ?? false,
        stateDir: given['state-dir'],
        haproxy: given.haproxy,
        haproxyBinary: given['haproxy-binary'] ?? null,
        sslCerts: given['ssl-certs'],
        proxyProtocol: given['proxy-protocol'] ?? false,
        forwardedHeaders: given['forwarded-headers'] === 'true',
        redispatch: given.redispatch === 'true',
        statsBind: given['stats-bind'].place,
        appIdBind: given['appid-bind'].place,
        haproxyLog: given['haproxy-log'] ?? null,
        haproxyTimeouts: given['haproxy-timeout'],
        listenerMaxconn: given['listener-maxconn'] ?? null,
        spareSlots: given['spare-slots'],
        stopGraceMs: given['stop-grace'],
        stopTimeoutMs: given['stop-timeout'],
        hardStopAfterMs: given['hard-stop-after'],
        resyncMs: given.resync,
        marathonIdleMs: given['marathon-idle'],
        requestTimeoutMs: given['request-timeout'],
        logLevel: given['log-level'],
        logFormat: given['log-format'],
        dryRun: given['dry-run'] ?? false,
        shadow: shadowOf(given),
      }),
    );
}

function refuse(context: z.RefinementCtx, message: string): never {
  context.issues.push({ code: 'custom', message, input: context.value });
  return z.NEVER;
}
