/** One deadline for the whole test run: a hang anywhere ends as a failure that says so, not as a silent CI job. */

const LIMIT_MS = 24 * 60_000;

/** Vitest's global set-up, in its main process; the workers end with it. */
export function setup(): () => void {
  const timer = setTimeout(() => {
    process.stderr.write(`\nThe tests did not end within ${LIMIT_MS / 60_000} minutes; stopped.\n`);
    process.exit(1);
  }, LIMIT_MS);
  timer.unref();
  return () => clearTimeout(timer);
}
