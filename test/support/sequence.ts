/** The order of the test files: what takes longest begins first, so that nobody is waited for at the end. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** On a fresh checkout nobody knows how long a file takes; that whole processes take longest is for sure. */
const longest = ['/test/e2e/', '/test/dataplane/', '/test/bench/', '/test/docs/'];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => rank(a.moduleId) - rank(b.moduleId));
  }
}

function rank(file: string): number {
  const found = longest.findIndex((folder) => file.includes(folder));
  return found < 0 ? longest.length : found;
}
