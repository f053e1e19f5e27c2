/** The live screen, character by character. */
import { expect, test } from 'vitest';
import { renderScreen, screenLines } from '../../src/cli/demo/screen.ts';
import { createStyle } from '../../src/cli/demo/style.ts';
import { endpoint, pool, scene, service } from './scenes.ts';

const plain = createStyle({ colour: false, unicode: true });
const up = endpoint('up', 'passed');

const moving = scene({
  service: service(
    [
      pool('app1-100', 'b', {
        priority: 10,
        weight: 100,
        state: 'active',
        side: 'B',
        because: { code: 'highest-priority', text: 'priority 10 is the highest that can serve', facts: {} },
        endpoints: [up, up],
      }),
      pool('app1', 'a', { endpoints: [up, endpoint('down', 'passed'), endpoint('up', 'pending')] }),
    ],
    { ratio: 100 },
  ),
  lastSecond: { '/app1-100': 399, '/app1': 1 },
  requests: 12_837,
  failures: 0,
  p99Ms: 4.04,
  reloads: 1,
});

test('shows the steps, who has what share and why, and what comes next', () => {
  expect(renderScreen(moving, plain).join('\n')).toBe(
    ` Baton demo: traffic moves because of a label                step 2 of 4   1:14
 ─────────────────────────────────────────────────────────────────────────────
 ✓ 1  app1 serves                                      2,012 requests, 0 failed
 ▶ 2  app1-100 takes over
 · 3  app1-200 takes over                                                  next
 · 4  app1 is scaled to 0
 ─────────────────────────────────────────────────────────────────────────────
 POST /v2/apps app1-100: "ab_config": {"service": "app1", "priority": 10}
 counting requests on app1-100: 601 of 2,000

 app1 on 127.0.0.1:8080: settled, 100 % on side B
 version   requests of the last second         weight  priority  side slot  up
 app1-100  ████████████████████████  99.75 %    100 %        10  B    b    2/2
  active: priority 10 is the highest that can serve
 app1      █░░░░░░░░░░░░░░░░░░░░░░░   0.25 %      0 %         0  A    a    1/3
  standby: stands by: app1-100 (priority 10) carries the traffic





 12,837 requests   0 failed   400/s   p99 4.0 ms   1 reload
 Ctrl-C ends the demo and cleans up.`,
  );
});

test('before there is a service it says so', () => {
  const lines = renderScreen(scene(), plain);
  expect(lines).toContain(' no service yet');
  expect(lines).toHaveLength(screenLines);
});

test('a failed step is marked, and the hint goes when it is over', () => {
  const lines = renderScreen(
    scene({
      steps: [{ title: 'app1 serves', mark: 'failed', result: '' }],
      failures: 3,
    }),
    plain,
  );
  expect(lines.find((line) => line.includes('app1 serves'))).toBe(' ✗ 1  app1 serves');
  expect(lines.at(-2)).toContain('3 failed');
  expect(lines.at(-1)).toBe('');
});

test('no line is wider than 79 characters and there are never more lines, whatever the texts', () => {
  const long = 'x'.repeat(300);
  const because = { code: 'draining', text: long, facts: {} } as const;
  const pools = ['app1-1', 'app1-2', 'app1-3', long].map((app) =>
    pool(app, 'aa', { because, weight: 33.33 }),
  );
  const steps = Array.from(
    { length: 6 },
    () => ({ title: long, mark: 'done', result: '12.3 s, 100,000 requests, 9 fail' }) as const,
  );
  const lines = renderScreen(
    scene({
      steps,
      action: long,
      now: long,
      address: long,
      service: service(pools),
      requests: 123_456_789,
      failures: 123_456,
    }),
    plain,
  );
  expect(lines).toHaveLength(screenLines);
  expect(lines.filter((line) => line.length > 79)).toEqual([]);
});

test('without UTF-8 and colour there is nothing but ASCII', () => {
  const text = renderScreen(moving, createStyle({ colour: false, unicode: false })).join('\n');
  expect(text).toMatch(/^[\n\u0020-\u007E]*$/);
});

test('colours change nothing but the colour', () => {
  const coloured = renderScreen(moving, createStyle({ colour: true, unicode: true })).join('\n');
  expect(coloured).toContain('\u001B[32m');
  const sequence = new RegExp(`${String.fromCodePoint(27)}\\[\\d+m`, 'g');
  expect(coloured.replaceAll(sequence, '')).toBe(renderScreen(moving, plain).join('\n'));
});
