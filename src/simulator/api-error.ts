/** What Marathon refuses, with the status and the JSON body that it answers. */

export interface ErrorDetail {
  readonly path: string;
  readonly errors: readonly string[];
}

/** An answer other than success; `body` goes over the wire as it is. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;

  constructor(code: string, status: number, body: Readonly<Record<string, unknown>>) {
    super(String(body['message']));
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
    this.body = body;
  }
}

export function notFound(message: string): ApiError {
  return new ApiError('not-found', 404, { message });
}

export function badRequest(message: string): ApiError {
  return new ApiError('bad-request', 400, { message });
}

/** No JSON at all. */
export function invalidJson(details: string): ApiError {
  return new ApiError('invalid-json', 400, { message: 'Invalid JSON', details });
}

/** JSON of the wrong shape: a 400 of old, a 422 in newer versions. */
export function wrongShape(status: 400 | 422, details: readonly ErrorDetail[]): ApiError {
  return new ApiError('wrong-shape', status, { message: 'Invalid JSON', details });
}

/** Well-formed, but against a rule. Errors of one path stand together. */
export function notValid(details: readonly ErrorDetail[]): ApiError {
  const byPath = Map.groupBy(details, ({ path }) => path);
  return new ApiError('not-valid', 422, {
    message: 'Object is not valid',
    details: [...byPath].map(([path, same]) => ({ path, errors: same.flatMap(({ errors }) => errors) })),
  });
}

export function unprocessable(message: string): ApiError {
  return new ApiError('unprocessable', 422, { message });
}

export const lockedReason =
  "App is locked by one or more deployments. Override with the option '?force=true'. View details at '/v2/deployments/<DEPLOYMENT_ID>'.";

export function locked(deployments: readonly string[]): ApiError {
  return new ApiError('locked', 409, {
    message: lockedReason,
    deployments: deployments.map((id) => ({ id })),
  });
}

/** Marathon's `TooManyRunningDeploymentsException`, which lacks a space. */
export function tooManyDeployments(most: number): ApiError {
  const message =
    `Max number (${most}) of running deployments is achieved. Wait for existing deployments to complete or cancel one` +
    'using force=true parameter. You can increase max deployment number by using --max_running_deployments parameter ' +
    'but be advised that this can have negative effects on the performance.';
  return new ApiError('too-many-deployments', 403, { message });
}

/** `what` is an app or a pod. */
export function alreadyExists(what: 'An app' | 'A pod', id: string): ApiError {
  return new ApiError('exists', 409, { message: `${what} with id [${id}] already exists.` });
}

export function appNotFound(app: string): ApiError {
  return notFound(`App '${app}' does not exist`);
}
