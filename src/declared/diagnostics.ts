/** All diagnostics that reading labels can give: the one table from which they are made and documented. */
import type { AppId } from '../model/ids.ts';
import { marathonLbDiagnostics } from './marathon-lb/diagnostics.ts';
import { show } from './show.ts';
import type { Diagnostic, Severity } from './types.ts';
import { gatewayDiagnostics } from './vamp/diagnostics.ts';

interface Pattern {
  readonly severity: Severity;
  /** What is wrong; `{names}` stand for what varies. */
  readonly problem: string;
  /** What would be right. */
  readonly remedy: string;
}

export const diagnosticTable = {
  'address-not-here': {
    severity: 'info',
    problem:
      'This machine has no address {address}; the service is served on the address that Baton binds to.',
    remedy: 'Nothing, if clients reach it there; else name an address of this machine, or none.',
  },
  'avi-proxy-ignored': {
    severity: 'info',
    problem: 'Baton does not carry out these fields: {fields}.',
    remedy: 'Nothing, if the service does without them; they may stay for Avi.',
  },
  'bad-value': {
    severity: 'error',
    problem: '{key} is {found}{more}.',
    remedy: 'Write {key} as {grammar}, for example {example}.',
  },
  'balance-approximated': {
    severity: 'warning',
    problem: 'Baton has no {wanted}; it spreads requests by {balance}, which comes nearest.',
    remedy: 'Write one of {known}.',
  },
  'bind-address-not-here': {
    severity: 'warning',
    problem: 'This machine has no address {address}, so port {port} is not served here.',
    remedy: 'Nothing, if another load balancer serves it; else name an address of this machine.',
  },
  'invalid-json': {
    severity: 'error',
    problem: 'The value is not JSON: at line {line}, column {column}, {what}.',
    remedy: 'Correct it there; a good {label} looks like {example}.',
  },
  'labels-contradict': {
    severity: 'warning',
    problem: '{label} is not as with {decider}, a pool of the same service.',
    remedy: 'Write the same for both; until then what {decider} says holds.',
  },
  'label-too-long': {
    severity: 'error',
    problem: 'The value has {length} characters; Baton reads labels of up to {limit}.',
    remedy: 'Write no more than {label} needs, for example {example}.',
  },
  'listener-app-gone': {
    severity: 'warning',
    problem:
      'The listener app was deleted, but is still referred to by {apps}; its listener is kept up for them.',
    remedy: 'Create {app} again, with 0 instances if you like, or delete the apps that refer to it.',
  },
  'listener-declarer-gone': {
    severity: 'warning',
    problem:
      'The app was deleted, but the listener that its ab_config declares for {service} is kept up for {apps}.',
    remedy: 'Let the next version of {service} declare the same listener, or delete these apps.',
  },
  'listener-elsewhere': {
    severity: 'warning',
    problem:
      '{service} is a service by labels of marathon-lb or a VIP, so that "listener" of ab_config has no effect.',
    remedy: 'Leave "listener" out, or name another service.',
  },
  'listener-conflict': {
    severity: 'error',
    problem: '{listener} is already taken by the older {keeper}; {app} is not served there.',
    remedy: 'Give the service another port or address, or both services an fqdn of their own.',
  },
  'listener-without-port': {
    severity: 'error',
    problem: 'The app is to be a listener, but nothing says on which port.',
    remedy:
      'Write avi_proxy with {"virtualservice": {"services": [{"port": 80}]}}, or give the app a servicePort.',
  },
  'key-misspelt': {
    severity: 'error',
    problem: 'Baton does not know these keys: {keys}.',
    remedy: 'Correct them.',
  },
  'pool-unattached': {
    severity: 'info',
    problem: 'The app is a pool only (proxy_listener: no), and no ab_config says of which service.',
    remedy: 'To let it take traffic, add ab_config, for example {example}.',
  },
  'port-of-hosts': {
    severity: 'warning',
    problem: 'Service port {port} of port {index} is where virtual hosts are served by {use}.',
    remedy: 'Give it another service port; until then it has none.',
  },
  'port-missing': {
    severity: 'error',
    problem: 'The app has no port {port} to be a pool of {service}.',
    remedy: 'Write one of its ports ({ports}) as "port", or give the app such a port.',
  },
  'service-ambiguous': {
    severity: 'error',
    problem: '{service} stands for more than one service: {things}.',
    remedy: 'Name an app that is a pool of the one that is meant. Until then the pool waits.',
  },
  'service-missing': {
    severity: 'error',
    problem: 'ab_config names no "service"{more}, and the app is not a listener itself.',
    remedy: 'Name the listener app, for example {example}.',
  },
  'service-not-shared': {
    severity: 'error',
    problem: 'Port {index} asks for the same as {other}, but cannot be a pool of one service with it: {why}.',
    remedy: 'Let both say the same, or ask for other hosts, paths or ports. Until then {instead}.',
  },
  'service-twice': {
    severity: 'error',
    problem: 'ab_config names the service {service} more than once.',
    remedy: 'Leave one entry for each service.',
  },
  'service-unknown': {
    severity: 'warning',
    problem: 'There is no service {service} (yet){why}; the pool waits for it.',
    remedy: '{hint}.',
  },
  'unknown-key': {
    severity: 'warning',
    problem: 'Baton does not know these keys: {keys}. The rest holds.',
    remedy: 'Correct or remove them.',
  },
  'unknown-label': {
    severity: 'warning',
    problem: 'Baton does not know the label {label}.',
    remedy: 'Did you mean {known}?',
  },
  ...marathonLbDiagnostics,
  ...gatewayDiagnostics,
} as const satisfies Readonly<Record<string, Pattern>>;

export type DiagnosticCode = keyof typeof diagnosticTable;

type Names<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? (Name extends `"${string}` ? never : Name) | Names<Rest>
  : never;
type NamesOf<Code extends DiagnosticCode> =
  | Names<(typeof diagnosticTable)[Code]['problem']>
  | Names<(typeof diagnosticTable)[Code]['remedy']>;

/** What fills the `{names}` of a code's sentences. */
export type Details<Code extends DiagnosticCode> = Readonly<Record<NamesOf<Code>, string>>;

/** What a diagnostic is about; `value` is the raw value, made readable here. */
export interface About {
  readonly app: AppId;
  readonly label: string | null;
  readonly value: string | null;
}

/** A diagnostic, its sentences filled in from the table. */
export function diagnose<Code extends DiagnosticCode>(
  code: Code,
  about: About,
  details: Details<Code>,
): Diagnostic {
  const pattern: Pattern = diagnosticTable[code];
  return {
    code,
    severity: pattern.severity,
    app: about.app,
    label: about.label,
    value: about.value === null ? null : show(about.value),
    problem: filled(pattern.problem, details),
    remedy: filled(pattern.remedy, details),
  };
}

/** An error of an app whose bad labels are not in force, completed by what holds instead. */
export function withFallback(diagnostic: Diagnostic, kept: boolean): Diagnostic {
  if (diagnostic.severity !== 'error') return diagnostic;
  const instead = kept ? "the app's last good labels stay in force" : 'the app declares nothing';
  return { ...diagnostic, remedy: `${diagnostic.remedy} Until then ${instead}.` };
}

function filled(pattern: string, details: Readonly<Record<string, string>>): string {
  return pattern.replace(/\{([a-z]+)\}/g, (whole, name: string) => details[name] ?? whole);
}
