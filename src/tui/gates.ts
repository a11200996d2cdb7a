import type { Snapshot } from '../evacuation/engine/session.ts';
import type { Gate, GateScope } from '../readiness/gate.ts';
import { createGateBook } from '../readiness/gate-book.ts';
import type { Verdicts } from '../readiness/verdict.ts';

/** The gates as they stand in a view. Worked out when somebody asks; what did not change stays the same object. */
export interface Gates {
  readonly verdicts: () => Verdicts;
  readonly of: (scope: GateScope, subject: string) => readonly Gate[];
}

/** Remembers between views, so that a second of 500 machines costs only what changed or grew old in it. */
export function rememberGates(): (snapshot: Snapshot, now: number) => Gates {
  const book = createGateBook();
  return (snapshot, now) => {
    const view = { plan: snapshot.plan, state: snapshot.state };
    return {
      verdicts: () => book.verdicts(view, now),
      of: (scope, subject) => {
        if (scope === 'evacuation') return book.gatesForEvacuation(view, now);
        return scope === 'machine'
          ? book.gatesFor(view, subject, now)
          : book.gatesForDatabase(view, subject, now);
      },
    };
  };
}
