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

/** The answer of the address `shown` that carries no data. `detail` is Marathon's own message, or the redirect's target. */
export function errorOfStatus(status: number, shown: string, detail: string | null): MarathonError {
  const said = detail === null ? '' : ` (${detail.slice(0, 200)})`;
  if (status === 401 || status === 403) {
    return new MarathonError(
      'unauthorized',
      `Marathon at ${shown} answered ${status}${said}; are the user name and password in its address right, and may this user see all apps?`,
    );
  }
  if (status >= 300 && status < 400) {
    return new MarathonError(
      'redirected',
      `${shown} answered ${status}${said}; give the address that it points to`,
    );
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

/** What a connection to `shown` failed with: undici's errors, Node's system errors and those of TLS. */
export function errorOfTransport(error: unknown, shown: string): MarathonError {
  if (error instanceof MarathonError) return error;
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
      `no Marathon answered at ${shown} in time; is it overloaded, or does a firewall drop the packets?`,
      error,
    );
  }
  if (codes.some((code) => /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_/.test(code))) {
    return new MarathonError(
      'tls',
      `no trusted connection to ${shown}: ${codes[0] ?? 'TLS'}; is the certificate valid, and its authority known here (NODE_EXTRA_CA_CERTS)?`,
      error,
    );
  }
  return new MarathonError('unreachable', `no Marathon answered at ${shown}: ${reason(codes)}`, error);
}

function reason(codes: readonly string[]): string {
  if (codes.includes('ECONNREFUSED')) return 'connection refused; is it running, is the address right?';
  if (codes.includes('ENOTFOUND'))
    return 'its name does not resolve; is the address right, does DNS work here?';
  if (codes.includes('EAI_AGAIN')) return 'the name server does not answer; does DNS work here?';
  if (codes.includes('EHOSTUNREACH') || codes.includes('ENETUNREACH')) {
    return 'no route to it; is the address right, is the network up?';
  }
  if (codes.includes('ECONNRESET') || codes.includes('UND_ERR_SOCKET')) {
    return 'the connection was cut before the answer was complete; did it restart, or is something else listening there?';
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
