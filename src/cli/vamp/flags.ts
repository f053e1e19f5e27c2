/** Flags that the verbs about gateways share. */
import { login } from '../order.ts';

/** How new weights are taken. */
export const paceFlags = {
  step: { type: 'string' },
  hold: { type: 'string' },
  immediate: { type: 'boolean', default: false },
} as const;

export const paceHelp = `  --step 5%        move weights by so much at a time
  --hold 1m        and stay so long on each step (1m)
  --immediate      a weight counts as soon as one instance is up, and does not
                   wait for the others`;

export const askHelp = `  --by NAME        who asks for it (the name of this login)
  --baton URL      by the address of its --listen [BATON_URL]
                   (http://127.0.0.1:8090)
  --json           the answer as JSON
  -h, --help       this text`;

interface Pace {
  readonly step?: string | undefined;
  readonly hold?: string | undefined;
  readonly immediate: boolean;
  readonly by?: string | undefined;
}

/** For the query of a request. */
export function queryOf({ step, hold, immediate, by }: Pace, validateOnly: boolean) {
  return {
    step,
    hold,
    immediate: immediate ? 'true' : undefined,
    validate_only: validateOnly ? 'true' : undefined,
    by: by ?? login(),
  };
}
