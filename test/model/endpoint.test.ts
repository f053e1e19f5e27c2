/** Endpoints: which tasks have one, and where. */
import { expect, test } from 'vitest';
import { wireApp } from '../../src/marathon/schema.ts';
import { toApp } from '../../src/marathon/to-model.ts';
import { endpointsOf } from '../../src/model/endpoint.ts';
import { millis } from '../../src/model/ids.ts';
import { type Wire, wireAppOf, wireTaskOf } from '../marathon/support/wire.ts';

function endpoints(fields: Wire, task: Wire, portIndex = 0) {
  const wire = wireAppOf('/shop', { ...fields, tasks: [wireTaskOf('/shop', task)] });
  return endpointsOf(
    toApp(wireApp.parse(wire), { previous: null, checksOf: () => null, now: millis(0) }),
    portIndex,
  );
}

test.each([
  ['TASK_RUNNING', [31_001], true],
  ['TASK_UNREACHABLE', [31_001], true],
  // Marathon 1.8 and later list what they have given up without its ports.
  ['TASK_UNREACHABLE', [], false],
  ['TASK_STAGING', [31_001], false],
  ['TASK_STARTING', [31_001], false],
  ['TASK_KILLING', [31_001], false],
  ['TASK_KILLED', [31_001], false],
  ['TASK_LOST', [31_001], false],
  ['TASK_UNKNOWN', [31_001], false],
])('a task in state %s with ports %j is an endpoint: %s', (state, ports, isOne) => {
  expect(endpoints({}, { state, ports })).toHaveLength(isOne ? 1 : 0);
});

test('a task whose agent is out of sight is unknown, whatever it was before', () => {
  expect(endpoints({}, { state: 'TASK_UNREACHABLE' })[0]?.health).toBe('unknown');
});
