/** The command line as a newcomer meets it: its helps, and hints for what is mistyped. */
import { expect, test } from 'vitest';
import { widthOf } from '../support/command.ts';
import { baton } from './verb.ts';

test.each([
  [['--help']],
  [['run', '--help']],
  [['simulate', '--help']],
  [['demo', '--help']],
  [['stop', '--help']],
  [['lint', '--help']],
  [['plan', '--help']],
  [['explain', '--help']],
  [['status', '--help']],
  [['help', 'run']],
])('%j explains itself within 80 columns', async (argv) => {
  const { status, stdout } = await baton(argv);
  expect(status).toBe(0);
  expect(stdout).toContain('usage: baton');
  expect(widthOf(stdout)).toBeLessThanOrEqual(80);
});

test.each([
  [['rnu'], 'there is no verb rnu; did you mean run?'],
  [['run'], '--marathon is missing'],
  [
    ['run', '--marathon', 'http://127.0.0.1:1', '--statedir', 'x'],
    'there is no flag --statedir; did you mean --state-dir?',
  ],
  [['simulate', '--prot', '1'], 'did you mean --port?'],
  [['simulate', '--port'], '--port needs a value'],
  [['stop'], '--state-dir is missing; it should be the directory that baton run was given'],
  [['stop', '--statedir', 'x'], 'there is no flag --statedir; did you mean --state-dir?'],
  [['stop', '/tmp'], '"/tmp" is no flag'],
  [['demo', '--kep'], 'did you mean --keep?'],
  [['demo', '--keep=yes'], '--keep takes no value'],
  [['run'], "See 'baton run --help'."],
])('%j is refused with a hint and exit code 2', async (argv, hint) => {
  const { status, stderr } = await baton(argv);
  expect(stderr).toContain(hint);
  expect(status).toBe(2);
});
