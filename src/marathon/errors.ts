/** Makes errors of what goes wrong between Baton and Marathon, each with a sentence that says what to check. */
import { type MarathonErrorCode, marathonErrorTable } from './error-table.ts';

export class MarathonError extends Error {
  override readonly name = 'MarathonError';
  readonly code: MarathonErrorCode;
  /** Whether the same request may succeed later although nobody changes anything. */
  readonly retryable: boolean;

  constructor(code: MarathonErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryable = marathonErrorTable[code].retryable;
  }
}

/**
 * The answer of the address `shown` that carries no data. `detail` is Marathon's own message; `advice` what to check
 * when it does not let Baton in.
 */
export function errorOfStatus(
  status: number,
  shown: string,
  detail: string | null,
  advice: string,
): MarathonError {
  const said = detail === null ? '' : ` (${detail.slice(0, 200)})`;
  if (status === 401 || status === 403) {
    return new MarathonError('unauthorized', `Marathon at ${shown} answered ${status}${said}; ${advice}`);
  }
  if (status === 502 || status === 503 || status === 504) {
    return new MarathonError(
      'no-leader',
      `${shown} answered ${status}${said}; Marathon has no leader just now, or the proxy in front of it cannot reach it`,
    );
  }
  if (status === 405) {
    return new MarathonError(
      'http',
      `${shown} answered 405${said}; does a proxy in front of Marathon change the Accept header of the event stream?`,
    );
  }
  return new MarathonError(
    'http',
    `${shown} answered ${status}${said}; is this Marathon's address, with the path that a proxy puts before it?`,
  );
}

/** What a connection to `shown`, where `who` is expected, failed with: undici's errors, Node's system errors and those of TLS. */
export function errorOfTransport(error: unknown, shown: string, who = 'Marathon'): MarathonError {
  const own = marathonErrorIn(error);
  if (own !== null) return own;
  const codes = [...causes(error)];
  const has = (...names: readonly string[]): boolean => codes.some((code) => names.includes(code));
  if (has('AbortError')) return new MarathonError('aborted', 'the request was cancelled', error);
  if (
    has(
      'UND_ERR_BODY_TIMEOUT',
      'UND_ERR_HEADERS_TIMEOUT',
      'UND_ERR_CONNECT_TIMEOUT',
      'ETIMEDOUT',
      'TimeoutError',
    )
  ) {
    return new MarathonError(
      'timeout',
      `no ${who} answered at ${shown} in time; is it overloaded, or does a firewall drop the packets?`,
      error,
    );
  }
  if (codes.some((code) => tlsCode.test(code))) {
    return new MarathonError(
      'tls',
      `no trusted connection to ${shown}: ${distrust(codes.find((code) => tlsCode.test(code)) ?? 'TLS')}`,
      error,
    );
  }
  return new MarathonError('unreachable', `no ${who} answered at ${shown}: ${reason(codes, shown)}`, error);
}

/** Whether a change that failed so has not been heard of by any Marathon, so that it may be asked for elsewhere. */
export function neverArrived(failure: MarathonError): boolean {
  if (beforeAsking.has(failure.code)) return true;
  return [...causes(failure)].some((code) => beforeConnecting.has(code));
}

const beforeAsking: ReadonlySet<MarathonErrorCode> = new Set([
  'bad-address',
  'credentials',
  'redirected',
  'tls',
  'unauthorized',
]);

const beforeConnecting: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
]);

const tlsCode = /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_|EPROTO/;

/** Codes of OpenSSL, as Node passes them on: https://nodejs.org/api/tls.html#x509-certificate-error-codes. */
function distrust(code: string): string {
  if (code === 'CERT_HAS_EXPIRED')
    return 'its certificate has expired; renew it, or is the clock here wrong?';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return 'its certificate is for other names; use one of them in the address, or another certificate';
  }
  if (/ALERT/.test(code)) {
    return `it refused the connection (${code}); does it ask for a client certificate that it knows (--marathon-cert and --marathon-key)?`;
  }
  if (/WRONG_VERSION|PACKET_LENGTH|EPROTO/.test(code)) {
    return `it does not speak TLS there (${code}); is https right, is the port?`;
  }
  return `${code}; is its certificate valid, and the authority that signed it in --marathon-ca?`;
}

/** One of ours that a library has wrapped. */
function marathonErrorIn(error: unknown, depth = 0): MarathonError | null {
  if (error instanceof MarathonError) return error;
  return error instanceof Error && depth < 5 ? marathonErrorIn(error.cause, depth + 1) : null;
}

function reason(codes: readonly string[], shown: string): string {
  if (codes.includes('ECONNREFUSED')) return 'connection refused; is it running, is the address right?';
  if (codes.includes('ENOTFOUND'))
    return 'its name does not resolve; is the address right, does DNS work here?';
  if (codes.includes('EAI_AGAIN')) return 'the name server does not answer; does DNS work here?';
  if (codes.includes('EHOSTUNREACH') || codes.includes('ENETUNREACH')) {
    return 'no route to it; is the address right, is the network up?';
  }
  if (codes.includes('ECONNRESET') || codes.includes('UND_ERR_SOCKET')) {
    // With TLS 1.3 a server that misses a client certificate hangs up after the handshake.
    const or = shown.startsWith('https:')
      ? 'does it ask for a client certificate that it knows (--marathon-cert and --marathon-key)?'
      : 'is something else listening there?';
    return `the connection was cut before the answer was complete; did it restart, or ${or}`;
  }
  return `${codes[0] ?? 'unknown error'}; is it running, is the address right?`;
}

/** Codes and names of an error, its causes and, for tries on several addresses of one host, its parts. */
function* causes(error: unknown, depth = 0): Generator<string> {
  if (!(error instanceof Error) || depth > 5) return;
  if ('code' in error && typeof error.code === 'string') yield error.code;
  yield error.name;
  if (error instanceof AggregateError) for (const part of error.errors) yield* causes(part, depth + 1);
  yield* causes(error.cause, depth + 1);
}
