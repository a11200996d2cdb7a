import type { View } from '../step/step.ts';
import { own } from './copy.ts';
import { type Gate, gate } from './gate.ts';
import { evacuationGates } from './gates/evacuation.ts';
import { buildGates } from './gates/machine-build.ts';
import { copyGates } from './gates/machine-copy.ts';
import { riskGates } from './gates/machine-risk.ts';
import { databaseNotCovered, machineNotCovered } from './gates/not-covered.ts';
import type { MachineSubject } from './gates/subject.ts';

export interface GateOptions {
  /** Hash of the plan file as it lies on disk now; without it the gate says that the file was not compared. */
  readonly planHash?: string;
}

/**
 * Every gate of the evacuation, its machines and its databases, in the order of the walk. Pure and total: a machine
 * of the plan about which nothing is known has all its gates, unproven.
 */
export function gatesOf(view: View, now: number, options: GateOptions = {}): Gate[] {
  const { plan, state } = view;
  const machines = Object.entries(plan.machines).flatMap(([name, wanted]) => {
    const subject: MachineSubject = { plan, name, wanted, machine: own(state.machines, name), now };
    return [
      ...buildGates(subject),
      ...copyGates(subject),
      ...riskGates(subject, view),
      ...machineNotCovered(),
    ].map(facts => gate('machine', name, facts));
  });
  const databases = Object.keys(plan.databases).flatMap(name =>
    databaseNotCovered().map(facts => gate('database', name, facts)),
  );
  return [
    ...evacuationGates(view, now, options.planHash).map(facts => gate('evacuation', plan.name, facts)),
    ...machines,
    ...databases,
  ];
}
