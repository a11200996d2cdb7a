import { LandfallError } from '../../foundation/errors.ts';
import { get } from '../../journal/maps.ts';
import type { MachineState } from '../../journal/state.ts';
import type { Step, StepContext, View } from '../../step/step.ts';
import { mergeSteps } from '../movers/blocks/merge-step.ts';
import { blocksLookId, observeBlocksStep } from '../movers/blocks/observe.ts';
import { decide, type NoChoice } from './choose.ts';
import { situationOf } from './situation.ts';

export const moverStepId = (machine: string): string => `inventory/${machine}/mover`;

/**
 * Whether somebody has to say who moves a machine: an engineer has ordered it, nothing was ever said of a machine that is
 * not simply moved by its files, or the plan was changed and asks for another. What comes up later (passes that do not
 * converge, a hypervisor that can now) is suggested and switches nothing by itself.
 */
export function isMoverDue({ plan, state }: View, machine: string): boolean {
  const known = get(state.machines, machine);
  if (known?.moverOrdered !== undefined) return true;
  const planned = get(plan.machines, machine)?.mover ?? 'auto';
  const chosen = known?.mover;
  if (chosen === undefined) return planned !== 'files';
  const changedAt = get(state.evacuation?.planChanged ?? {}, `machine/${machine}/copy`);
  if (changedAt === undefined || changedAt <= chosen.at) return false;
  return planned === 'auto' ? chosen.decided === 'plan' : planned !== chosen.mover;
}

/** Whether the hypervisor has to be asked before anybody can decide. */
export const needsLook = (view: View, machine: string): boolean => {
  const known = get(view.state.machines, machine);
  return isMoverDue(view, machine) && wanted(view, machine, known) !== 'files';
};

const wanted = (
  { plan }: View,
  machine: string,
  known: MachineState | undefined,
): 'auto' | 'files' | 'blocks' => known?.moverOrdered?.mover ?? get(plan.machines, machine)?.mover ?? 'auto';

/** While a decision is due: the question to the hypervisor, and `inventory/<m>/mover`. */
export const moverSteps = (view: View, machine: string): Step[] => [
  ...(needsLook(view, machine) ? [observeBlocksStep(view, machine)] : []),
  ...(isMoverDue(view, machine) ? [moverStep(view, machine)] : []),
];

/**
 * Decides who moves a machine, from what was found out: nothing is done on any host. It waits for a copy that runs, so that
 * a pass ends as it began.
 */
export function moverStep(view: View, machine: string): Step {
  return {
    id: moverStepId(machine),
    phase: 'inventory',
    subject: machine,
    title: `decide who moves ${machine}: its files or its blocks`,
    needs: [needsLook(view, machine) ? blocksLookId(machine) : `inventory/${machine}`],
    resources: [{ key: `replica:${machine}`, units: 1 }],
    repeats: true,
    preview: () => [],
    done: async context => !isMoverDue(context, machine),
    run: context => choose(context, machine),
  };
}

async function choose(context: StepContext, machine: string): Promise<void> {
  const choice = decide(situationOf(context, machine, context.clock.now()));
  if (choice.mover === undefined) throw neither(machine, choice);
  const { mover, decided, reasons, against } = choice;
  await context.emit({
    type: 'mover.chosen',
    machine,
    mover,
    decided,
    reasons: [...reasons],
    against: [...against],
  });
}

function neither(machine: string, { impossible }: NoChoice): LandfallError {
  return new LandfallError('inventory.unsupported', {
    what: `${machine} can be moved neither by its files nor by its blocks`,
    why: 'a replica that only looks complete would not start',
    where: { machine },
    evidence: [
      ...impossible.files.map(each => `by files: ${each}`),
      ...impossible.blocks.map(each => `by blocks: ${each}`),
    ],
    next: [
      'mend what stands in the way of one of the two, then try it again',
      'build the target of this machine by hand, or move it with another tool; take it out of the plan meanwhile',
    ],
  });
}

/** Work that one mover needs and the other does not: it waits until it is said which. */
const WAITS = /^(?:build\/[^/]+\/(?:attach|prepare)|sync\/[^/]+\/.+)$/;

/**
 * The steps, those that differ between the movers behind the decision where one is due. What blocks have left half merged
 * is brought to its end before a receiver gets the replica.
 */
export function afterMover(view: View, steps: readonly Step[]): Step[] {
  const due = new Map<string, boolean>();
  const isDue = (machine: string): boolean => {
    const known = due.get(machine) ?? isMoverDue(view, machine);
    due.set(machine, known);
    return known;
  };
  return steps.flatMap(step => {
    const merging = step.id === `build/${step.subject}/attach` ? mergeSteps(view, step.subject) : [];
    const needs = [
      ...merging.map(({ id }) => id),
      ...(WAITS.test(step.id) && isDue(step.subject) ? [moverStepId(step.subject)] : []),
    ];
    return [...merging, needs.length === 0 ? step : { ...step, needs: [...step.needs, ...needs] }];
  });
}
