import type { Waiver } from '../journal/state.ts';
import type { View } from '../step/step.ts';
import { own } from './copy.ts';
import { type Gate, type GateFacts, type GateScope, gate } from './gate.ts';
import { databaseGates } from './gates/database.ts';
import { evacuationGates } from './gates/evacuation.ts';
import { buildGates } from './gates/machine-build.ts';
import { copyGates } from './gates/machine-copy.ts';
import { proofGates } from './gates/machine-proof.ts';
import { riskGates } from './gates/machine-risk.ts';
import { machineNotCovered } from './gates/not-covered.ts';
import type { MachineSubject } from './gates/subject.ts';
import { withWhatRuns } from './gates/under-way.ts';
import { standingOf } from './waivable.ts';

export interface GateOptions {
  /** Hash of the plan file as it lies on disk now; without it the gate says that the file was not compared. */
  readonly planHash?: string;
}

/**
 * Every gate of the evacuation, its machines and its databases, in the order of the walk. Pure and total: a machine
 * of the plan about which nothing is known has all its gates, unproven.
 */
export function gatesOf(view: View, now: number, options: GateOptions = {}): Gate[] {
  return [
    ...gatesOfEvacuation(view, now, options),
    ...Object.keys(view.plan.machines).flatMap(name => gatesOfMachine(view, name, now)),
    ...Object.keys(view.plan.databases).flatMap(name => gatesOfDatabase(view, name, now)),
  ];
}

export function gatesOfEvacuation(view: View, now: number, { planHash }: GateOptions = {}): Gate[] {
  return finished(view, now, 'evacuation', view.plan.name, evacuationGates(view, now, planHash));
}

/**
 * The gates of one machine; none where the plan has no such machine. Rests on its state, the waivers, the plan, and the
 * course of the evacuation (`courseOf`).
 */
export function gatesOfMachine(view: View, name: string, now: number): Gate[] {
  const wanted = own(view.plan.machines, name);
  if (wanted === undefined) return [];
  const machine = own(view.state.machines, name);
  const subject: MachineSubject = { plan: view.plan, name, wanted, machine, now };
  const checked = [
    ...buildGates(subject),
    ...copyGates(subject),
    ...riskGates(subject, view),
    ...proofGates(subject),
  ];
  const facts = [...withWhatRuns(checked, subject, view), ...machineNotCovered()];
  return finished(view, now, 'machine', name, facts);
}

/** The gates of one database; none where the plan has no such database. */
export function gatesOfDatabase(view: View, name: string, now: number): Gate[] {
  const wanted = own(view.plan.databases, name);
  if (wanted === undefined) return [];
  const database = own(view.state.databases, name);
  return finished(
    view,
    now,
    'database',
    name,
    databaseGates({ plan: view.plan, name, wanted, database, now }),
  );
}

/** A rehearsal is taken up by its name: its plan file is part of the lab. */
function asInTheLab(facts: GateFacts, { name }: { readonly name: string }): GateFacts {
  const steps = typeof facts.remedy === 'string' ? [facts.remedy] : facts.remedy;
  const again = `landfall rehearse --name ${name}`;
  return { ...facts, remedy: steps.map(step => step.replace(RUN_ALONE, again)) };
}

/** `landfall run` of a plan without options: those have no counterpart. */
const RUN_ALONE = /\blandfall run (?:PLAN|<the plan file>)(?! --)/g;

function finished(
  { state }: View,
  now: number,
  scope: GateScope,
  subject: string,
  facts: readonly GateFacts[],
): Gate[] {
  const waivers: Readonly<Record<string, Waiver>> = state.evacuation?.waivers ?? {};
  return facts.map(each => {
    const found = gate(
      scope,
      subject,
      state.evacuation?.lab === true ? asInTheLab(each, state.evacuation) : each,
    );
    const waiver = own(waivers, found.id);
    return waiver === undefined ? found : { ...found, waiver: standingOf(found, waiver, now) };
  });
}
