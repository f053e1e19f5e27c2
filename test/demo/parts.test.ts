/** The demo's parts: definitions, news, metrics, the display and its waits. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { app1, app1v100, app1v200 } from '../../src/cli/demo/apps.ts';
import { sumOf } from '../../src/cli/demo/baton-view.ts';
import { createDisplay, type Output } from '../../src/cli/demo/display.ts';
import { news } from '../../src/cli/demo/news.ts';
import { createStyle } from '../../src/cli/demo/style.ts';
import { until, WaitedInVain } from '../../src/cli/demo/wait.ts';
import { pool, scene, service } from './scenes.ts';

test('the definitions are those of the article', () => {
  expect(JSON.parse(app1.labels['avi_proxy'] ?? '')).toMatchObject({
    virtualservice: { services: [{ port: 80 }] },
    pool: { lb_algorithm: 'LB_ALGORITHM_ROUND_ROBIN' },
  });
  expect(app1.labels['FE-Proxy']).toBe('yes');
  expect([app1v100, app1v200].map(({ labels }) => JSON.parse(labels['ab_config'] ?? ''))).toEqual([
    { service: 'app1', priority: 10 },
    { service: 'app1', priority: 20 },
  ]);
  expect([app1v100, app1v200].map(({ labels }) => labels['proxy_listener'])).toEqual(['no', 'no']);
});

test('news: pools that came, went, or changed weight, state or reason; nothing else', () => {
  const waiting = pool('app1-100', 'b', {
    state: 'waiting',
    because: { code: 'waiting-for-check', text: '0 of 2 passed', facts: {} },
  });
  const alone = service([pool('app1', 'a', { weight: 100, state: 'active' })]);
  const both = service([waiting, ...alone.pools]);
  expect(news(null, alone)).toHaveLength(1);
  expect(news(alone, both)).toEqual(['app1-100 0 %, waiting: 0 of 2 passed']);
  const counting = { ...waiting, because: { ...waiting.because, text: '1 of 2 passed' }, sessions: 3 };
  expect(news(both, service([counting, ...alone.pools]))).toEqual([]);
  expect(news(both, alone)).toEqual(['app1-100 is gone']);
  expect(news(alone, null)).toEqual(['app1 is gone']);
});

test('a metric is summed over its series, and no other', () => {
  const text = [
    '# HELP baton_x_total help',
    'baton_x_total{outcome="loaded"} 2',
    'baton_x_total{outcome="refused"} 1',
    'baton_x_total_more 9',
    'baton_y 4',
  ].join('\n');
  expect([sumOf(text, 'baton_x_total'), sumOf(text, 'baton_y'), sumOf(text, 'baton_z')]).toEqual([3, 4, 0]);
});

interface Paper {
  readonly out: Output & { columns: number };
  readonly text: () => string;
}

function paper(isTTY: boolean): Paper {
  const written: string[] = [];
  const out = { isTTY, columns: 80, rows: 24, write: (text: string) => written.push(text) };
  return { out, text: () => written.join('') };
}

const style = createStyle({ colour: false, unicode: true });
const clear = '\u001B';

test('without a terminal: plain lines, one an event', () => {
  const { out, text } = paper(false);
  const display = createDisplay(out, style, () => scene(), 'xterm');
  display.event('app1 serves');
  display.print(['the end']);
  expect(text()).toMatch(/^ +\d+\.\d s {2}app1 serves\nthe end\n$/);
});

test('on a terminal: redraws in place with the cursor hidden, and gives it back', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { out, text } = paper(true);
  const display = createDisplay(out, style, () => scene(), 'xterm');
  display.event('not shown');
  vi.advanceTimersByTime(400);
  expect(text()).toContain('Baton demo');
  expect(text()).not.toContain('not shown');
  expect(text().split(`\r${clear}[23A`)).toHaveLength(2);
  display.freeze();
  expect(text().endsWith(`${clear}[?25h`)).toBe(true);
  const before = text();
  vi.advanceTimersByTime(1000);
  expect(text()).toBe(before);
});

test('a terminal that becomes too small gets plain lines from then on', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { out, text } = paper(true);
  const display = createDisplay(out, style, () => scene(), 'xterm');
  vi.advanceTimersByTime(200);
  out.columns = 60;
  vi.advanceTimersByTime(200);
  display.event('a line');
  expect(text().endsWith('a line\n')).toBe(true);
  expect(text().split('Baton demo')).toHaveLength(2);
});

test.each([
  ['narrow', { columns: 79 }, 'xterm'],
  ['dumb', { columns: 80 }, 'dumb'],
] as const)('a terminal that is %s gets no control sequences', (_, size, term) => {
  const { out, text } = paper(true);
  Object.assign(out, size);
  const display = createDisplay(out, style, () => scene(), term);
  display.event('a line');
  display.freeze();
  expect(text()).not.toContain(clear);
});

test('waiting ends with the answer, the deadline or the signal', async () => {
  const { signal } = new AbortController();
  let asked = 0;
  expect(await until('3', () => (++asked === 3 ? 'here' : null), { signal })).toBe('here');
  const vain = until('Godot', () => false, { signal, deadlineMs: 30, detail: () => 'nobody came' });
  await expect(vain).rejects.toThrow(new WaitedInVain('waited 0 s in vain for Godot: nobody came'));
  const useless = until('Godot', () => null, { signal, trouble: () => 'he has left' });
  await expect(useless).rejects.toThrow('no use in waiting for Godot: he has left');
  const stopped = new AbortController();
  const waiting = until('Godot', () => null, { signal: stopped.signal });
  stopped.abort(new Error('SIGINT'));
  await expect(waiting).rejects.toThrow('SIGINT');
});
