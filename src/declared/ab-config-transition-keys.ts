/** The keys of `ab_config` that say how a transition goes. */
import { durationGrammar, type LabelRow, row } from './label-row.ts';

export const stepKeys: readonly LabelRow[] = [
  row(
    'carried out',
    'steps',
    'What the new priority as a whole has against the one below, step by step. After the last step it has everything.',
    '`[{"weight": 100}]`',
    'a list of 1 to 100 steps, each with a weight, a pause or an analysis',
    '[{"weight": 5, "hold": "2m"}, {"pause": true}, {"weight": 100}]',
  ),
  row(
    'carried out',
    'steps[].weight',
    'The share of this step in percent.',
    'that of the step before, 0 in the first',
    'a number from 0 to 100, without quotes',
    '5',
  ),
  row(
    'carried out',
    'steps[].hold',
    'How long the step lasts, counted from when HAProxy runs its share.',
    '"0s"',
    durationGrammar,
    '"2m"',
  ),
  row(
    'carried out',
    'steps[].pause',
    'Waits here for a person: `promote` goes on.',
    'false',
    'true or false, without quotes',
    'true',
  ),
  row(
    'carried out',
    'steps[].analysis',
    'The step does not end before a judgement by `analysis` has been a success.',
    'false',
    'true or false, without quotes',
    'true',
  ),
  row(
    'carried out',
    'strategy',
    'Whether traffic moves by `steps`, or instance by instance: the new app grows as the old one shrinks.',
    '"switch"',
    '"switch" or "rolling"',
    '"switch"',
  ),
];

export const matchKeys: readonly LabelRow[] = [
  row(
    'carried out',
    'match',
    'Requests that reach this pool whatever its weight, once it is ready: for testers. In mode http only.',
    'none',
    'an object with either header or cookie',
    '{"header": ["X-Version", "1.1"]}',
  ),
  row(
    'carried out',
    'match.header',
    'The name of a header, in any case, and its whole value.',
    'none',
    'a list of a name and a value, both in quotes',
    '["X-Version", "1.1"]',
  ),
  row(
    'carried out',
    'match.cookie',
    'The name of a cookie and its whole value.',
    'none',
    'a list of a name and a value, both in quotes',
    '["version", "1.1"]',
  ),
];
