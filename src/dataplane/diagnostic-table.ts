/** The diagnostics that only a data plane can make: the one table from which they are made and documented. */
import type { Severity } from '../declared/types.ts';

interface DiagnosticRow {
  readonly severity: Severity;
  /** What is wrong. */
  readonly problem: string;
  /** What would be right. */
  readonly remedy: string;
}

export const diagnosticTable = {
  'port-taken': row(
    'error',
    'Another process listens on this port.',
    'Stop that process, or move the port with --map-port, for example --map-port 80=18080.',
  ),
  'port-forbidden': row(
    'error',
    'This port needs a right that Baton does not have.',
    'Move the port with --map-port 80=18080, or run Baton with CAP_NET_BIND_SERVICE.',
  ),
  'address-missing': row(
    'error',
    'This machine does not have this address.',
    'Give the machine the address, or listen on another one with --bind.',
  ),
  'agent-unresolvable': row(
    'error',
    'The name of the agent that runs this task does not resolve here.',
    'Make the name known to DNS or /etc/hosts where Baton runs, or start agents with --hostname=ADDRESS.',
  ),
  'check-path-invalid': row(
    'warning',
    'The path of the health check holds white space or control characters or is too long; "/" is probed.',
    'Percent-encode the path in the health check.',
  ),
  'listener-invalid': row(
    'error',
    'This is no address and port to listen on.',
    'Use an IP address of this machine and a port from 1 to 65535.',
  ),
  'host-name-invalid': row('error', 'This is no host name.', 'Use letters, digits and "-", parted by dots.'),
  'certificate-unusable': row(
    'error',
    'This file cannot be used for TLS; the listener is left out.',
    'Put the certificate, those it rests on and its key into the file, in PEM, readable for Baton and HAProxy.',
  ),
  'certificate-expired': row(
    'warning',
    'A certificate in this file has expired; it is used all the same, but clients may refuse it.',
    'Renew the certificate; the new file is loaded by itself.',
  ),
  'certificate-not-yet-valid': row(
    'warning',
    'A certificate in this file is not valid yet; it is used all the same, but clients may refuse it.',
    'Put the certificate that is valid now into the file until then, or set the clock of this machine right.',
  ),
  'certificate-missing': row(
    'info',
    'Baton has no certificate for those who come here with TLS and name none, so it does not listen here.',
    'Nothing, if nobody is to come with TLS, or another program takes it; else give Baton one with --ssl-certs, or the apps theirs with HAPROXY_{n}_SSL_CERT.',
  ),
  'https-unserved': row(
    'warning',
    'Clients of this app are sent to https (REDIRECT_TO_HTTPS), where Baton does not listen: it has no certificate.',
    'Give Baton one with --ssl-certs, or the app its own with HAPROXY_{n}_SSL_CERT. Nothing, if another program serves https for these hosts.',
  ),
  'bind-options-invalid': row(
    'error',
    'These bind options are unknown or do not go together; the listener is left out.',
    'Use those that docs/labels.md lists.',
  ),
  'listener-mixed': row(
    'error',
    'Another app speaks another protocol on this address and port: http or tcp, with TLS or without. In mode tcp only one app can have a port.',
    'Use another port, or the same mode.',
  ),
  'bind-options-differ': row(
    'warning',
    'Another app has this address and port with other bind options; its options hold.',
    'Give both apps the same bind options, or use another port.',
  ),
  'path-prefix-invalid': row(
    'error',
    'This is no beginning of a path.',
    'Begin with "/", and percent-encode what is no letter, digit or one of . _ ~ @ : + = -.',
  ),
  'rule-invalid': row(
    'error',
    'This rule cannot be kept to: it is left out, or keeps everybody out where it was to keep somebody out.',
    'Correct the path, network, or realm:user:password.',
  ),
  'condition-invalid': row(
    'error',
    'This condition cannot be kept to; it is left out.',
    "Use at most 1,000 conditions in one, 100 deep, with names of headers and cookies, and values of up to 1,024 characters; an ACL in HAProxy's own words must be one that HAProxy takes in a frontend.",
  ),
  'template-rejected': row(
    'warning',
    'HAProxy does not take the configuration that this label or rewrite holds.',
    'Correct it as the manual of your HAProxy says, or remove it. The app is served without it.',
  ),
  'service-name-invalid': row(
    'error',
    'This cannot be the name of a service, or another service has it.',
    'Use lower-case letters, digits, "-" and "." between the slashes, as Marathon demands of ids.',
  ),
  'config-rejected': row(
    'error',
    'HAProxy refuses the configuration that this app leads to; the app stays as it was.',
    'The refused file lies beside the others, with the ending .rejected; please report it.',
  ),
} as const satisfies Readonly<Record<string, DiagnosticRow>>;

export type DataPlaneDiagnosticCode = keyof typeof diagnosticTable;

function row(severity: Severity, problem: string, remedy: string): DiagnosticRow {
  return { severity, problem, remedy };
}
