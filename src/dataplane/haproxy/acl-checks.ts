/** Whether HAProxy takes a condition in its own words: each is tried in a configuration of its own, once. */
import { wrongIn } from '../../declared/marathon-lb/template-grammar.ts';
import type { Condition } from '../../declared/vamp/condition.ts';
import type { ServiceTarget } from '../../plan/target.ts';
import { tryOut, type Where } from './trial.ts';
import { createVerdicts } from './verdicts.ts';

export interface AclChecks {
  /** Tries what of a target has not been tried. */
  readonly look: (target: readonly ServiceTarget[], signal: AbortSignal) => Promise<void>;
  /** Whether it was tried, and taken. */
  readonly takes: (acl: string) => boolean;
}

export function createAclChecks(where: Where, now: () => number = Date.now): AclChecks {
  const verdicts = createVerdicts(now);

  return {
    async look(target, signal) {
      const acls = target.flatMap(({ conditions = [] }) =>
        conditions.flatMap(({ condition }) => aclsIn(condition)),
      );
      for (const acl of acls) {
        if (!verdicts.isDue(acl)) continue;
        const wrong = wrongIn([`acl is ${acl}`]);
        verdicts.note(
          acl,
          wrong === null
            ? await tryOut(where, configurationFor(acl), signal)
            : { why: wrong, isItsWord: true },
        );
      }
    },
    takes: (acl) => verdicts.of(acl) === null,
  };
}

/** It is used as in a frontend of Baton's, where not everything can be asked that a backend can. */
function configurationFor(acl: string): string {
  return `defaults
  mode http
  timeout connect 1s
  timeout client 1s
  timeout server 1s
frontend :check
  bind 127.0.0.1:1
  acl is ${acl}
  http-request set-var(txn.c0) bool(true) if is
`;
}

function aclsIn(condition: Condition): readonly string[] {
  const found: string[] = [];
  const left = [condition];
  for (let each = left.pop(); each !== undefined; each = left.pop()) {
    if (each.kind === 'raw') found.push(each.acl);
    else if (each.kind === 'not') left.push(each.operand);
    else if ('operands' in each) left.push(...each.operands);
  }
  return found;
}
