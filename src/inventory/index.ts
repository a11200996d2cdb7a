import type { Plan } from '../plan/schema.ts';
import type { Step, View } from '../step/step.ts';
import { hypervisorStep } from './hypervisor/step.ts';
import { hypervisorSurveyStep } from './hypervisor/survey-step.ts';
import { onOneSiteOnly } from './machine/one-site.ts';
import { machineStep } from './machine/step.ts';

/** All looking, no touching: one step for each hypervisor that the plan uses, one for each machine. */
export function inventorySteps({ plan }: View): Step[] {
  return [
    ...usedHypervisors(plan).map(hypervisorStep),
    ...Object.keys(plan.machines).map(machine => onOneSiteOnly(machineStep(plan, machine), plan, machine)),
  ];
}

/** The wide look at each hypervisor, for which nobody waits. It also asks the source how its processors are: never in the dark. */
export const hypervisorSurveySteps = ({ plan, state }: View): Step[] =>
  state.evacuation?.mode?.mode === 'dark' || state.cutover?.dark === true
    ? []
    : usedHypervisors(plan).map(hypervisorSurveyStep);

function usedHypervisors(plan: Plan): string[] {
  const used = new Set<string>();
  for (const machine of Object.values(plan.machines)) {
    used.add(machine.source.hypervisor);
    used.add(machine.target.hypervisor);
    const image = plan.images[machine.target.image];
    if (image !== undefined) used.add(image.hypervisor);
  }
  return Object.keys(plan.hypervisors).filter(name => used.has(name));
}

export { findingsOf, type GuestFinding } from '../estate/guest/findings.ts';
export { type Finding as UnsupportedFinding, unsupportedLayout } from '../tools/unsupported.ts';
export { COLLECTOR_TIMEOUT_MS, collectorCommand } from './collector/collector.ts';
export { drift, type Observation } from './drift.ts';
export { keptCmdline } from './guest/boot.ts';
export { type GuestReading, readGuest } from './guest/guest.ts';
export { answered, decodeSections, type Section, type Sections } from './guest/sections.ts';
export { isSameDigest } from './machine/digest.ts';
export { lookStep } from './machine/look.ts';
