import { type Checklist, checklistOf, type ItemCommand } from '../checklist/index.ts';
import type { Snapshot } from '../evacuation/engine/session.ts';
import { type Triage, triageOf } from '../readiness/triage/index.ts';
import type { View } from '../step/step.ts';

/** What lies ahead, made when a screen first asks for it: the cutover as a list, and who makes it before the storm. */
export interface Outlook {
  readonly checklist: () => Checklist;
  readonly triage: () => Triage;
}

export type ItemCommands = Readonly<Record<string, readonly ItemCommand[]>>;

/** Remembers between views, so that a key costs nothing, and a second of 500 machines not a solver's work. */
export function rememberOutlook(): (snapshot: Snapshot, now: number, commands?: ItemCommands) => Outlook {
  const triaged = remembered(triageOf, STALE_MS);
  const listed = remembered(
    (of: View, now: number, commands?: ItemCommands) =>
      checklistOf(of, now, commands === undefined ? {} : { commands }),
    Number.POSITIVE_INFINITY,
  );
  return ({ plan, state }, now, commands) => ({
    checklist: () => listed({ plan, state }, now, commands),
    triage: () => triaged({ plan, state }, now),
  });
}

/** Time alone moves a forecast slowly; the checklist not at all. */
const STALE_MS = 10_000;
/** So much longer the last answer stands for each machine: hundreds change many times a second. */
const MS_A_MACHINE = 2;
/** Fleets up to this size are answered anew with every change. */
const SMALL = 50;

type Answer<T> = (of: View, now: number, commands?: ItemCommands) => T;

/** The last answer as long as it holds: nothing has changed, and it is younger than `staleMs`. */
function remembered<T>(answer: Answer<T>, staleMs: number): Answer<T> {
  let last:
    | { readonly of: View; readonly now: number; readonly commands?: ItemCommands; readonly is: T }
    | undefined;
  return (of, now, commands) => {
    if (last !== undefined && last.of.plan === of.plan && last.commands === commands) {
      const age = Math.abs(now - last.now);
      const machines = Object.keys(of.plan.machines).length;
      const isSame = last.of.state === of.state && age < staleMs;
      if (isSame || (machines > SMALL && age < machines * MS_A_MACHINE)) return last.is;
    }
    last = { of, now, is: answer(of, now, commands), ...(commands === undefined ? {} : { commands }) };
    return last.is;
  };
}
