/** One check against reference data, what comes of it, and the table of all of them. */

export interface Check {
  /** The file or folder of the reference data that it is about. */
  readonly subject: string;
  /** What must hold, in a few words. */
  readonly holds: string;
  /** Resolves to what was seen, in a few words. Throws when it does not hold. */
  readonly run: () => string | Promise<string>;
}

export interface Outcome {
  readonly subject: string;
  readonly holds: string;
  readonly passed: boolean;
  /** What was seen, or why it does not hold. */
  readonly detail: string;
}

/** Why a check does not hold. */
export class Deviation extends Error {
  readonly code = 'deviation';
}

/** @throws Deviation with the message unless the condition holds */
export function must(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Deviation(message);
}

/** @throws Deviation when the two are not the same as JSON */
export function mustEqual(what: string, found: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  must(a === b, `${what}: ${a} instead of ${b}`);
}

/** Runs them one after the other; one that fails does not keep the others from running. */
export async function runChecks(checks: readonly Check[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { subject, holds, run } of checks) {
    try {
      outcomes.push({ subject, holds, passed: true, detail: await run() });
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      outcomes.push({ subject, holds, passed: false, detail });
    }
  }
  return outcomes;
}

export function tableOf(outcomes: readonly Outcome[]): string {
  const failed = outcomes.filter(({ passed }) => !passed).length;
  const rows = outcomes.map(({ passed, subject, holds, detail }) =>
    [passed ? 'ok' : 'FAILED', subject, holds, detail].map(cell).join(' | '),
  );
  return [
    '| result | reference | what must hold | seen |',
    '| --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row} |`),
    '',
    `${outcomes.length - failed} of ${outcomes.length} checks passed`,
    '',
  ].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
}
