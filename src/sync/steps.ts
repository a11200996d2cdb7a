import { moverOf } from '../step/mover.ts';
import type { Step, View } from '../step/step.ts';
import { measureSteps } from './measure.ts';
import { blocksMeasureSteps } from './movers/blocks/measure.ts';
import { blocksOutlook, blocksSteps } from './movers/blocks/steps.ts';
import { keyStep, pathStep, renewStep } from './movers/files/path.ts';
import { surveySteps } from './movers/files/survey.ts';
import { stepId } from './names.ts';
import { passStep } from './passes.ts';
import { isExpiring } from './path/opening.ts';
import { nextPass, nextVerify, type PassPlan } from './plan-passes.ts';
import { relayed } from './relay.ts';
import { verifyStep } from './verify.ts';

/**
 * The steps that are due or yet to come for a machine, from the folded journal alone: the planner asks again after
 * every event, so passes appear one by one as the last one is judged.
 */
export function syncSteps(view: View, machine: string): Step[] {
  if (moverOf(view, machine) === 'blocks')
    return [...blocksSteps(view, machine), ...blocksMeasureSteps(view, machine)];
  return [...workSteps(view, machine), ...measureSteps(view, machine).map(step => relayed(step, machine))];
}

function workSteps(view: View, machine: string): Step[] {
  const path = [keyStep(view, machine), pathStep(machine)];
  const pass = nextPass(view, machine);
  if (pass !== undefined)
    return [
      ...path,
      ...surveySteps(view, machine, pass),
      ...renewed(view, machine, pass.pass, needs => relayed(passStep(view, machine, pass, needs), machine)),
    ];
  const verify = nextVerify(view, machine);
  if (verify !== undefined)
    return [
      ...path,
      ...renewed(view, machine, verify, needs => relayed(verifyStep(view, machine, verify, needs), machine)),
    ];
  return [...path, ...unsettled(view, machine)];
}

/** What a run would go through, for --dry-run: passes beyond the next are named, not counted out. */
export function syncOutlook(view: View, machine: string): Step[] {
  if (moverOf(view, machine) === 'blocks') return blocksOutlook(view, machine);
  const path = [keyStep(view, machine), pathStep(machine)];
  const next = nextPass(view, machine);
  const passes =
    next === undefined ? [] : [...surveySteps(view, machine, next), passStep(view, machine, next)];
  if (next?.kind === 'full') passes.push(repeatedPass(view, machine, next));
  const last = passes.at(-1);
  const verified = nextVerify(view, machine) ?? (next === undefined ? undefined : lastNumber(next));
  return [
    ...path,
    ...passes,
    ...(verified === undefined
      ? []
      : [verifyStep(view, machine, verified, last === undefined ? undefined : [last.id])]),
  ];
}

const lastNumber = ({ kind, pass }: PassPlan): number => (kind === 'full' ? pass + 1 : pass);

function repeatedPass(view: View, machine: string, first: PassPlan): Step {
  const plan: PassPlan = {
    pass: first.pass + 1,
    kind: 'delta',
    reason: 'what changed during the first copy',
    checksum: false,
  };
  const step = passStep(view, machine, plan, [stepId(machine, `pass-${first.pass}`)]);
  return {
    ...step,
    title: `${step.title}; repeated until the passes converge, at most ${view.plan.passes.at_most} passes in all`,
  };
}

/** A step with the renewal of the path before it, where the key runs out soon. */
function renewed(
  view: View,
  machine: string,
  pass: number,
  step: (needs: readonly string[] | undefined) => Step,
): Step[] {
  if (!isExpiring(view, machine, view.state.lastAt)) return [step(undefined)];
  const renewal = renewStep(machine, pass);
  return [renewal, step([renewal.id])];
}

/**
 * A step whose work is on record while its end is not (a crash came in between): listed once more, so that the
 * conductor asks it, finds it done and closes it.
 */
function unsettled(view: View, machine: string): Step[] {
  const { state } = view;
  const known = state.machines[machine];
  const isOpen = (step: Step): boolean => {
    const status = state.steps[step.id]?.status;
    return status !== undefined && status !== 'done';
  };
  const passes = (known?.passes ?? [])
    .slice(-1)
    .map(({ pass, kind, reason, checksum }) => passStep(view, machine, { pass, kind, reason, checksum }));
  const verified = known?.verified === undefined ? [] : [verifyStep(view, machine, known.verified.pass)];
  return [...passes, ...verified].filter(isOpen);
}
