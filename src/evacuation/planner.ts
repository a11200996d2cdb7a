import { buildSteps } from '../build/index.ts';
import { cutoverSteps } from '../cutover/index.ts';
import { databaseOutlook, databaseSteps, orderedSteps, serverSurveySteps } from '../database/index.ts';
import { hypervisorSurveySteps, inventorySteps } from '../inventory/index.ts';
import type { DatabaseOrder } from '../journal/database-facts.ts';
import { proveOutlook, proveSteps } from '../prove/index.ts';
import type { Phase, Step, View } from '../step/step.ts';
import {
  afterMover,
  cleanStep,
  linkCleanStep,
  measureStep,
  moverSteps,
  syncOutlook,
  syncSteps,
} from '../sync/index.ts';
import { amidCutover } from './amid-cutover.ts';
import { afterLook } from './look-before-pass.ts';
import { inMode } from './modes.ts';
import { neededBy } from './needs.ts';
import { byUrgency } from './urgency.ts';

/** Every stage that a run goes through; proofs are among it, but none comes without an order. */
const RUN_PHASES: readonly Phase[] = ['inventory', 'build', 'sync', 'database', 'prove'];

/**
 * What there is to do, from the plan and the folded journal alone. The conductor asks again after every event, so
 * the passes of a machine appear one by one as the last one is judged.
 */
export function stepsOf(view: View, phases: readonly Phase[] = RUN_PHASES): Step[] {
  const machines = Object.keys(view.plan.machines);
  const steps = [
    ...inventorySteps(view),
    ...hypervisorSurveySteps(view),
    ...serverSurveySteps(view),
    ...machines.flatMap(machine => moverSteps(view, machine)),
    ...machines.flatMap(machine => buildSteps(view, machine)),
    ...machines.flatMap(machine => syncSteps(view, machine)),
    ...databasesOf(view).flatMap(database => databaseSteps(view, database)),
    ...machines.flatMap(machine => proveSteps(view, machine)),
    ...machines.map(machine => cleanStep(machine)),
    ...hypervisorsOf(view).map(hypervisor => linkCleanStep(hypervisor)),
  ];
  const wanted = afterLook(view, afterMover(view, steps))
    .filter(step => phases.includes(step.phase))
    .sort(byUrgency(view));
  return amidCutover(view, inMode(view, wanted));
}

/** Only the cutover, and what it needs: for an engine that was started for it alone. */
export function cutoverStepsOf(view: View): Step[] {
  const steps = stepsOf(view, ['inventory', 'build', 'sync']);
  const own = new Set(cutoverSteps(view).map(({ id }) => id));
  const needed = neededBy(steps, ({ id }) => own.has(id));
  return steps.filter(({ id }) => needed.has(id));
}

/** Every step that a run would go through, for --dry-run: passes beyond the first are named, not counted out. */
export function outlookOf(view: View, phases: readonly Phase[] = RUN_PHASES): Step[] {
  const machines = Object.keys(view.plan.machines);
  const steps = [
    ...inventorySteps(view),
    ...hypervisorSurveySteps(view),
    ...serverSurveySteps(view),
    ...machines.flatMap(machine => [
      ...moverSteps(view, machine),
      ...buildSteps(view, machine),
      ...syncOutlook(view, machine),
      ...proveSteps(view, machine),
      cleanStep(machine),
    ]),
    ...hypervisorsOf(view).map(hypervisor => linkCleanStep(hypervisor)),
    ...databasesOf(view).flatMap(database => databaseOutlook(view, database)),
  ];
  return afterLook(view, afterMover(view, steps)).filter(step => phases.includes(step.phase));
}

/** Only the proofs that are due, and what they need: for an engine that was started for them alone. */
export function proofStepsOf(view: View): Step[] {
  const steps = stepsOf(view, ['inventory', 'build', 'prove']);
  const needed = neededBy(steps, ({ phase }) => phase === 'prove');
  return steps.filter(({ id }) => needed.has(id));
}

/** Only the measurements that somebody waits for, and what they need: for an engine that was started for them alone. */
export function measureStepsOf(view: View): Step[] {
  const steps = stepsOf(view, ['inventory', 'build', 'sync']);
  const needed = neededBy(steps, ({ id }) => /^sync\/[^/]+\/measure$/.test(id));
  return steps.filter(({ id }) => needed.has(id));
}

/** What measuring these machines would do, without what must stand before: for `landfall measure --dry-run`. */
export const measureOutlookOf = (view: View, machines: readonly string[]): Step[] =>
  machines.map(machine => measureStep(view, machine));

/** Only what was ordered of these databases, and what it needs: for an engine that was started for this alone. */
export const databaseStepsOf = (view: View, order: DatabaseOrder, databases: readonly string[]): Step[] =>
  databases.flatMap(database => orderedSteps(view, database, order));

/** What an order would do with these databases: for `landfall database --dry-run`. */
export const databaseOutlookOf = (view: View, order: DatabaseOrder, databases: readonly string[]): Step[] =>
  databases.flatMap(database => databaseOutlook(view, database, order));

const databasesOf = ({ plan }: View): string[] => Object.keys(plan.databases);
const hypervisorsOf = ({ plan }: View): string[] => Object.keys(plan.hypervisors);

/** What the proofs of these machines would do, without what must stand before: for `landfall prove --dry-run`. */
export const proofOutlookOf = (view: View, machines: readonly string[]): Step[] =>
  machines.flatMap(machine => proveOutlook(view, machine));
