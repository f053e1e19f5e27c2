/** What a test asks of a simulated Marathon beside the client. */

export interface Said {
  readonly status: number;
  readonly body: string;
}

/** One request, with a body in JSON or none. */
export async function ask(url: string, method: string, path: string, body?: unknown): Promise<Said> {
  const response = await fetch(`${url}${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    signal: AbortSignal.timeout(20_000),
  });
  return { status: response.status, body: await response.text() };
}
