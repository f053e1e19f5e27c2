/** The log on a terminal: short fields on the line, texts below it. */
import { expect, it } from 'vitest';
import { readable } from '../../src/cli/logger.ts';

it.each([
  [
    { level: 'info', time: 'now', msg: 'service appeared', service: '/app1' },
    'service appeared  service=/app1',
  ],
  [{ msg: 'baton has stopped' }, 'baton has stopped'],
  [
    {
      msg: 'traffic moved',
      service: '/app1',
      from: { '/app1': '100 %' },
      to: { '/app1': '20 %', '/app1-100': '80 %' },
      because: 'shares priority 10',
      code: 'shares-priority',
    },
    'traffic moved  service=/app1 from={/app1: 100 %} to={/app1: 20 %, /app1-100: 80 %} code=shares-priority\n' +
      '    because: shares priority 10',
  ],
  [
    { msg: 'diagnostic raised', app: '/a', label: null, problem: 'The value is "x".', remedy: 'Write 1.' },
    'diagnostic raised  app=/a\n    problem: The value is "x".\n    remedy: Write 1.',
  ],
])('%j', (record, text) => {
  expect(readable(record, 'msg')).toBe(text);
});
