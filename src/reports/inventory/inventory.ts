import { harmlessValue } from '../../foundation/harmless-value.ts';
import { namePlanFile } from '../../readiness/plan-file.ts';
import type { View } from '../../step/step.ts';
import type { Estate } from './estate.ts';
import { aged, type BareFinding, byWeight, type InventoryFinding } from './finding.ts';
import { dependencyFindings, driftFindings, sizingFindings } from './findings/estate.ts';
import { lookFindings } from './findings/looks.ts';
import { serverFindings } from './findings/servers.ts';
import { hypervisorFindings, machineFindings } from './findings/survey.ts';

export interface Inventory extends Estate {
  /** What must be settled first, what is merely not known last. */
  readonly findings: readonly InventoryFinding[];
}

/** Everything that a look at the estate has to say, as of `now` (epoch ms). Pure; every text is harmless for a terminal. */
export function inventoryOf(view: View, now: number, estate: Estate): Inventory {
  const { plan, state } = view;
  const { dependencies, drift, sizing } = estate;
  const found = [
    ...lookFindings(view, now),
    ...(dependencies === undefined ? [] : dependencyFindings(dependencies)),
    ...(drift === undefined ? [] : driftFindings(view, drift, now)),
    ...(sizing === undefined ? [] : sizingFindings(sizing, plan.name)),
    ...serverFindings(state),
    ...machineFindings(view),
    ...hypervisorFindings(state),
  ];
  const findings = found.map(each => aged(withWaiver(view, each, now), now)).toSorted(byWeight);
  return harmlessValue({ ...estate, findings });
}

function withWaiver({ state }: View, found: BareFinding, now: number): BareFinding {
  const next = found.next.map(namePlanFile);
  const waiver = state.evacuation?.waivers?.[found.id];
  if (waiver === undefined || waiver.until <= now) return { ...found, next };
  return { ...found, next, waived: `${waiver.reason} (${waiver.by})` };
}
