/** Every share of the test with every balance and mix of instances. */
import { expect, test } from 'vitest';
import { countShares } from '../dataplane/haproxy/shares.ts';
import { openStage } from '../dataplane/haproxy/stage.ts';

test('a share is exact within 0.1 points at any instance counts and with any balance', async () => {
  const stage = await openStage();
  try {
    const counted = await countShares(
      stage,
      ['roundrobin 1:10', 'leastconn 1:10', 'roundrobin 7:3', 'leastconn 7:3'],
      [8_000, 9_500, 9_900, 3_300, 1],
      10_000,
    );
    expect(counted).toHaveLength(20);
    for (const { share, counted: found } of counted) expect(Math.abs(found - share)).toBeLessThanOrEqual(10);
  } finally {
    await stage.dispose();
  }
}, 600_000);
