/** The flags of `baton simulate` that say whom the simulated Marathon lets in. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfigError } from '../config/error.ts';
import type { SimulatorAuth } from '../simulator/gate.ts';

export const authFlags = {
  auth: { type: 'string' },
  'auth-user': { type: 'string' },
  'auth-token': { type: 'string' },
  'auth-account': { type: 'string' },
  'auth-life': { type: 'string' },
} as const;

export type AuthFlags = Readonly<Partial<Record<keyof typeof authFlags, string>>>;

const allowed: Readonly<Record<SimulatorAuth['kind'], readonly (keyof AuthFlags)[]>> = {
  basic: ['auth-user'],
  token: ['auth-token'],
  dcos: ['auth-user', 'auth-account', 'auth-life'],
};

/** @throws ConfigError for what is missing, what does not belong together, and a key that cannot be read */
export function authOf(flags: AuthFlags): SimulatorAuth | undefined {
  const { auth: kind } = flags;
  if (kind !== undefined && kind !== 'basic' && kind !== 'token' && kind !== 'dcos') {
    throw new ConfigError(`--auth must be 'basic', 'token' or 'dcos', not '${kind}'`);
  }
  const known = kind === undefined ? [] : allowed[kind];
  for (const flag of ['auth-user', 'auth-token', 'auth-account', 'auth-life'] as const) {
    if (flags[flag] === undefined || known.includes(flag)) continue;
    const kinds = Object.entries(allowed).filter(([, each]) => each.includes(flag));
    throw new ConfigError(`--${flag} needs --auth ${kinds.map(([each]) => each).join(' or ')}`);
  }
  if (kind === undefined) return undefined;
  if (kind === 'basic') {
    const [user, password] = pairOf('--auth-user', needed(flags, 'auth-user', kind));
    return { kind, user, password };
  }
  if (kind === 'token') return { kind, token: needed(flags, 'auth-token', kind) };
  return dcosOf(flags);
}

function dcosOf(flags: AuthFlags): SimulatorAuth {
  const { 'auth-user': user, 'auth-account': account, 'auth-life': life } = flags;
  if (user === undefined && account === undefined) {
    throw new ConfigError('--auth dcos needs --auth-account or --auth-user');
  }
  return {
    kind: 'dcos',
    ...(user === undefined ? {} : { users: Object.fromEntries([pairOf('--auth-user', user)]) }),
    ...(account === undefined ? {} : { accounts: Object.fromEntries([accountOf(account)]) }),
    ...(life === undefined ? {} : { tokenLifeMs: lifeOf(life) }),
  };
}

function needed(flags: AuthFlags, flag: keyof AuthFlags, kind: string): string {
  const value = flags[flag];
  if (value === undefined || value === '') throw new ConfigError(`--auth ${kind} needs --${flag}`);
  return value;
}

function pairOf(flag: string, text: string): readonly [string, string] {
  const [name = '', value = ''] = text.split(/:(.*)/s);
  if (name === '' || value === '') throw new ConfigError(`${flag} must be two words with a colon between`);
  return [name, value];
}

function accountOf(text: string): readonly [string, KeyObject] {
  const [uid, file] = pairOf('--auth-account', text);
  try {
    return [uid, createPublicKey(readFileSync(file))];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`--auth-account: ${file} cannot be read as a public key (${reason})`);
  }
}

/** @returns ms */
function lifeOf(text: string): number {
  const seconds = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 31_536_000) {
    throw new ConfigError(`--auth-life must be a whole number from 1 to 31536000, not '${text}'`);
  }
  return seconds * 1000;
}
