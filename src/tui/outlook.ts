import { type Checklist, checklistOf, type ItemCommand } from '../checklist/index.ts';
import type { Snapshot } from '../evacuation/engine/session.ts';
import { type Triage, triageOf } from '../readiness/triage/index.ts';

/** What lies ahead, made when a screen first asks for it: the cutover as a list, and who makes it before the storm. */
export interface Outlook {
  readonly checklist: () => Checklist;
  readonly triage: () => Triage;
}

export type ItemCommands = Readonly<Record<string, readonly ItemCommand[]>>;

/** Remembers between views, so that a key costs nothing, and a second of 500 machines not a solver's work. */
export function rememberOutlook(): (snapshot: Snapshot, now: number, commands?: ItemCommands) => Outlook {
  const triaged = rememberTriage();
  return (snapshot, now, commands) => {
    const { plan, state } = snapshot;
    let checklist: Checklist | undefined;
    return {
      checklist: () => {
        checklist ??= checklistOf({ plan, state }, now, commands === undefined ? {} : { commands });
        return checklist;
      },
      triage: () => triaged(snapshot, now),
    };
  };
}

/** Time alone moves a forecast slowly. */
const STALE_MS = 10_000;
/** So much longer the last answer stands for each machine: hundreds change many times a second. */
const MS_A_MACHINE = 20;
/** Fleets up to this size are answered anew with every change. */
const SMALL = 50;

function rememberTriage(): (snapshot: Snapshot, now: number) => Triage {
  let last:
    | { readonly of: Pick<Snapshot, 'plan' | 'state'>; readonly at: number; readonly triage: Triage }
    | undefined;
  return ({ plan, state }, now) => {
    const machines = Object.keys(plan.machines).length;
    const age = last === undefined ? Number.POSITIVE_INFINITY : Math.abs(now - last.at);
    const isSame = last?.of.plan === plan && last.of.state === state;
    const isAnother = last?.of.plan !== plan;
    const due =
      isAnother || age >= STALE_MS || (!isSame && (machines <= SMALL || age >= machines * MS_A_MACHINE));
    if (last === undefined || due)
      last = { of: { plan, state }, at: now, triage: triageOf({ plan, state }, now) };
    return last.triage;
  };
}
