/** How new weights are taken: at once, in steps, or without waiting for anybody; said in the query. */
import type { Pace } from '../../declared/vamp/blueprint-gateways.ts';
import { durationMs } from '../../model/duration.ts';
import { BadRequestError } from '../body.ts';

const defaultHold = '1m';

/** @throws BadRequestError */
export function paceOf(query: URLSearchParams): Pace {
  const step = query.get('step');
  const hold = query.get('hold');
  if (step === null && hold !== null)
    throw new BadRequestError(400, 'hold needs a step, for example step=5%');
  return {
    ramp: step === null ? null : rampOf(step, hold ?? defaultHold),
    immediate: isSet(query, 'immediate'),
  };
}

function rampOf(step: string, hold: string): Pace['ramp'] {
  const percent = /^\d{1,3}(?:\.\d{1,2})?%?$/.test(step) ? Number(step.replace('%', '')) : 0;
  if (!(percent > 0 && percent <= 100))
    throw new BadRequestError(
      400,
      `step is ${JSON.stringify(step)}; it should be a percentage, for example 5%`,
    );
  const holdMs = durationMs(hold);
  if (holdMs === null)
    throw new BadRequestError(400, `hold is ${JSON.stringify(hold)}; it should be a time such as 30s or 1m`);
  return { stepPercent: percent, holdMs };
}

/** @throws BadRequestError for anything but true and false */
export function isSet(query: URLSearchParams, name: string): boolean {
  const text = query.get(name);
  if (text === null || text === 'false') return false;
  if (text === 'true' || text === '') return true;
  throw new BadRequestError(400, `${name} is ${JSON.stringify(text)}; it should be true or false`);
}

/** Who asks for it: by name, else the address that it comes from. */
export function byWhom(query: URLSearchParams, address: string | undefined): string {
  const by = query.get('by')?.trim() ?? '';
  if (by === '') return `somebody at ${address ?? 'an unknown address'}`;
  if (/^\P{Cc}{1,100}$/u.test(by)) return by;
  throw new BadRequestError(400, 'by should be a text of 1 to 100 characters, on one line');
}
