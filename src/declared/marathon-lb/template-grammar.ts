/** What a template may say: directives that are about the requests of the app's own backend, and nothing beyond it. */
import { describe } from '../show.ts';
import { wordsOf } from './template-words.ts';

/** HAProxy takes 2,047 characters a line. */
const longestLine = 2_000;
const longestText = 8_192;

/** The directives without those that another table is about. */
export const plainDirectives: readonly string[] = [
  'acl',
  'compression',
  'errorloc',
  'errorloc302',
  'errorloc303',
  'fullconn',
  'redirect',
  'retries',
  'retry-on',
  'timeout',
];

/** After `option` and `no option`. */
export const templateOptions: readonly string[] = [
  'abortonclose',
  'accept-invalid-http-response',
  'checkcache',
  'forwardfor',
  'http-buffer-request',
  'http-keep-alive',
  'http-no-delay',
  'http-pretend-keepalive',
  'http-server-close',
  'httpclose',
  'idle-close-on-response',
  'independent-streams',
  'nolinger',
  'originalto',
  'prefer-last-server',
  'redispatch',
  'splice-auto',
  'splice-request',
  'splice-response',
  'srvtcpka',
  'tcp-smart-connect',
  'tcpka',
];

const onRequests = [
  'add-header',
  'allow',
  'del-header',
  'deny',
  'early-hint',
  'redirect',
  'replace-header',
  'replace-path',
  'replace-pathq',
  'replace-uri',
  'replace-value',
  'return',
  'set-header',
  'set-log-level',
  'set-method',
  'set-path',
  'set-pathq',
  'set-query',
  'set-timeout',
  'set-uri',
  'set-var',
  'tarpit',
] as const;

const onResponses = [
  'add-header',
  'allow',
  'del-header',
  'deny',
  'redirect',
  'replace-header',
  'replace-value',
  'return',
  'set-header',
  'set-log-level',
  'set-status',
  'set-var',
] as const;

/** The actions of the directives that have some. */
export const templateActions: Readonly<Record<string, readonly string[]>> = {
  'http-request': onRequests,
  'http-response': onResponses,
  'http-after-response': onResponses.filter((action) => action !== 'deny' && action !== 'return'),
  'tcp-request content': ['accept', 'reject'],
  'tcp-request inspect-delay': [],
  'tcp-response content': ['accept', 'close', 'reject'],
};

/** The conditions of Baton's own rules in a backend: another line by their names would change what they mean. */
export const ownConditions: readonly string[] = ['again', 'allowed', 'elsewhere', 'stays'];

/** What is wrong with a template's text, as part of a sentence; null when nothing is. Whether HAProxy takes it is not known. */
export function wrongIn(lines: readonly string[]): string | null {
  if (lines.join('\n').length > longestText) return `it is longer than ${longestText} characters`;
  for (const [at, line] of lines.entries()) {
    const wrong = wrongInLine(line);
    if (wrong !== null) return `line ${at + 1} ${wrong}`;
  }
  return null;
}

/** The same about one line, to follow its name. */
export function wrongInLine(line: string): string | null {
  const words = line.length > longestLine ? null : wordsOf(line);
  if (words === null)
    return 'is too long, has quotes that do not end, or characters that are not to be seen in it';
  const [directive = '', second = ''] = words;
  if (directive === '') return null;
  const isOption = directive === 'option' || (directive === 'no' && second === 'option');
  const option = directive === 'no' ? (words[2] ?? '') : second;
  if (isOption) return templateOptions.includes(option) ? null : `has the option ${describe(option)}`;
  if (!isAllowed(words)) {
    const actions = Object.keys(templateActions).some((name) => name.split(' ')[0] === directive);
    return `says ${describe(actions ? `${directive} ${second}` : directive)}, which no template may`;
  }
  if (directive === 'acl' && ownConditions.includes(second))
    return `gives a meaning to ${describe(second)}, a condition of Baton's own`;
  return reachingOut(words);
}

function isAllowed([directive = '', second = '', third = '']: readonly string[]): boolean {
  if (plainDirectives.includes(directive)) return true;
  const actions = templateActions[directive];
  // `set-var(req.x)`: its scope is judged with all other words.
  if (actions !== undefined) return actions.includes(second.replace(/\(.*$/, ''));
  const ofTcp = templateActions[`${directive} ${second}`];
  return ofTcp !== undefined && (ofTcp.length === 0 || ofTcp.includes(third));
}

/** Files, other sections' tables and variables, and the counters and maps by which Baton steers. */
const reaching: readonly RegExp[] = [
  /^-(?:f|M|u)$/,
  /^(?:default-errorfiles|errorfile|errorfiles|file|lf-file)$/,
  /(?:^|[^a-z0-9_])map(?:_[a-z0-9_]+)?\(/,
  /(?:inc|clr|add)_gpc/,
  /(?:un)?set-var(?:-fmt)?\((?!(?:req|res)\.)/,
];

function reachingOut(words: readonly string[]): string | null {
  const found = words.find((word) => reaching.some((pattern) => pattern.test(word)));
  return found === undefined ? null : `reaches beyond the app's own requests with ${describe(found)}`;
}
