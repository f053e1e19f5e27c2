/** Answers of the API, and how it writes times. */

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export function json(status: number, body: unknown): Answer {
  return {
    status,
    contentType: 'application/json; charset=utf-8',
    body: `${JSON.stringify(body, null, 2)}\n`,
  };
}

/** What went wrong, and what would be right. */
export function problem(status: number, message: string): Answer {
  return json(status, { message });
}

export function text(status: number, body: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}

/** ISO 8601 in UTC; null for never. */
export function isoTime(at: number): string;
export function isoTime(at: number | null): string | null;
export function isoTime(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
