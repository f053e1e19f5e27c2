/** The flags that say how Baton gets into Marathon, checked against each other. */
import { ConfigError } from './error.ts';

/** One way to log in, and files for TLS (PEM). Paths are as given; they are read when they are needed. */
export interface AccessConfig {
  readonly login:
    | { readonly kind: 'address' }
    | { readonly kind: 'basic'; readonly user: string; readonly passwordFile: string }
    | { readonly kind: 'token'; readonly file: string; readonly scheme: 'bearer' | 'token' }
    | { readonly kind: 'service-account'; readonly file: string };
  readonly tls: {
    readonly caFile: string | null;
    readonly certFile: string | null;
    readonly keyFile: string | null;
  };
}

export interface AccessFlags {
  readonly marathon: readonly string[];
  readonly 'marathon-user'?: string | undefined;
  readonly 'marathon-password-file'?: string | undefined;
  readonly 'marathon-token-file'?: string | undefined;
  readonly 'marathon-token-scheme': 'bearer' | 'token';
  readonly 'marathon-service-account'?: string | undefined;
  readonly 'marathon-ca'?: string | undefined;
  readonly 'marathon-cert'?: string | undefined;
  readonly 'marathon-key'?: string | undefined;
}

/** @throws ConfigError for two ways to log in, and for half of what belongs together */
export function accessOf(flags: AccessFlags): AccessConfig {
  pair(flags, 'marathon-user', 'marathon-password-file');
  pair(flags, 'marathon-cert', 'marathon-key');
  const ways = (['marathon-user', 'marathon-token-file', 'marathon-service-account'] as const)
    .filter((flag) => flags[flag] !== undefined)
    .map((flag) => `--${flag}`);
  if (flags.marathon.some(hasCredentials)) ways.push('the user in --marathon');
  const [first, second] = ways;
  if (first !== undefined && second !== undefined)
    throw new ConfigError(`${first} and ${second} are two ways to log in; give one`);
  if (flags['marathon-user']?.includes(':') === true) {
    throw new ConfigError(
      `--marathon-user is ${JSON.stringify(flags['marathon-user'])}; it should be a name without a colon`,
    );
  }
  return {
    login: loginOf(flags),
    tls: {
      caFile: flags['marathon-ca'] ?? null,
      certFile: flags['marathon-cert'] ?? null,
      keyFile: flags['marathon-key'] ?? null,
    },
  };
}

function loginOf(flags: AccessFlags): AccessConfig['login'] {
  const user = flags['marathon-user'];
  const passwordFile = flags['marathon-password-file'];
  if (user !== undefined && passwordFile !== undefined) return { kind: 'basic', user, passwordFile };
  const token = flags['marathon-token-file'];
  if (token !== undefined) return { kind: 'token', file: token, scheme: flags['marathon-token-scheme'] };
  const account = flags['marathon-service-account'];
  return account === undefined ? { kind: 'address' } : { kind: 'service-account', file: account };
}

function pair(flags: AccessFlags, one: keyof AccessFlags, other: keyof AccessFlags): void {
  if (flags[one] !== undefined && flags[other] === undefined)
    throw new ConfigError(`--${one} needs --${other}`);
  if (flags[one] === undefined && flags[other] !== undefined)
    throw new ConfigError(`--${other} needs --${one}`);
}

function hasCredentials(url: string): boolean {
  const { username, password } = new URL(url);
  return username !== '' || password !== '';
}
