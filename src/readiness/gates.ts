import { settlingOf } from '../estate/dependencies/dependencies.ts';
import type { Waiver } from '../journal/state.ts';
import { moverOf } from '../step/mover.ts';
import type { View } from '../step/step.ts';
import { own } from './copy.ts';
import { type Gate, type GateFacts, type GateScope, gate } from './gate.ts';
import { asItIsNow, databaseAsItIsNow } from './gates/changed.ts';
import { databaseGates } from './gates/database.ts';
import { driftGates } from './gates/drift.ts';
import { evacuationGates } from './gates/evacuation.ts';
import { buildGates } from './gates/machine-build.ts';
import { copyGates } from './gates/machine-copy.ts';
import { dependencies } from './gates/machine-dependencies.ts';
import { network } from './gates/machine-network.ts';
import { proofGates } from './gates/machine-proof.ts';
import { riskGates } from './gates/machine-risk.ts';
import { standbyGates } from './gates/machine-standby.ts';
import { machineNotCovered } from './gates/not-covered.ts';
import { settlingGates } from './gates/settling.ts';
import type { MachineSubject } from './gates/subject.ts';
import { courseOf, withWhatRuns } from './gates/under-way.ts';
import { deadlineOf } from './makes-it.ts';
import { inRehearsal } from './plan-file.ts';
import { standingOf } from './waivable.ts';

export interface GateOptions {
  /** Hash of the plan file as it lies on disk now; without it the gate says that the file was not compared. */
  readonly planHash?: string;
  /** When the cutover was last rehearsed to its end, epoch ms, by what other journals tell; absent where none does. */
  readonly rehearsedAt?: number;
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

export function gatesOfEvacuation(view: View, now: number, options: GateOptions = {}): Gate[] {
  return finished(view, now, 'evacuation', view.plan.name, evacuationGates(view, now, options));
}

/** The gates of one machine; none where the plan has no such machine. What they rest on: `basisOfMachine`. */
export function gatesOfMachine(view: View, name: string, now: number): Gate[] {
  const wanted = own(view.plan.machines, name);
  if (wanted === undefined) return [];
  const machine = own(view.state.machines, name);
  const mover = moverOf(view, name);
  const subject: MachineSubject = { plan: view.plan, name, wanted, machine, mover, now };
  const checked = [
    ...buildGates(subject),
    ...copyGates(subject),
    ...riskGates(subject, view),
    ...proofGates(subject),
    network(subject),
    dependencies(subject, view),
    ...settlingGates(view, name, now),
    ...standbyGates(subject, view),
    ...driftGates(view, name, now),
  ];
  const current = checked.map(facts => asItIsNow(facts, subject, view.state));
  const facts = [...withWhatRuns(current, subject, view), ...machineNotCovered()];
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
    [
      ...databaseGates({ plan: view.plan, name, wanted, database, now, deadline: deadlineOf(view) }),
      ...settlingGates(view, name, now),
    ].map(facts => databaseAsItIsNow(facts, name, database, view.state)),
  );
}

/**
 * Everything that the gates of a machine rest on beside the plan, the clock and the waivers: where all of it is the same
 * object as before, the gates are the same.
 */
export function basisOfMachine(view: View, name: string): readonly unknown[] {
  const { plan, state } = view;
  const { evacuation, cutover } = state;
  const awaited = own(plan.machines, name)?.after ?? [];
  return [
    own(state.machines, name),
    settlingOf(view, name),
    courseOf(state),
    ...[state.surveys, own(state.drift ?? {}, name)],
    ...[evacuation?.deadline, evacuation?.planChanged, evacuation?.lab, evacuation?.mode],
    ...[cutover?.dark, cutover?.ended, own(cutover?.machines ?? {}, name)],
    ...awaited.map(each => own(state.machines, each) ?? own(state.databases, each)),
  ];
}

/** The same for a database. */
export function basisOfDatabase(view: View, name: string): readonly unknown[] {
  const { state } = view;
  const { evacuation } = state;
  return [
    own(state.databases, name),
    settlingOf(view, name),
    evacuation?.deadline,
    evacuation?.planChanged,
    evacuation?.lab,
  ];
}

/** A rehearsal is taken up by its name: its plan file is part of the lab. */
function asInTheLab(facts: GateFacts, { name }: { readonly name: string }): GateFacts {
  const steps = typeof facts.remedy === 'string' ? [facts.remedy] : facts.remedy;
  return { ...facts, remedy: inRehearsal(name, steps) };
}

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
