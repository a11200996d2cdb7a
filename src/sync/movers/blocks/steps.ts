import { get } from '../../../journal/maps.ts';
import type { Step, View } from '../../../step/step.ts';
import { stepId } from '../../names.ts';
import { isExpiring } from '../../path/opening.ts';
import { nextVerify, type PassPlan } from '../../plan-passes.ts';
import { relayed } from '../../relay.ts';
import { verifyBlocksStep } from './compare/verify.ts';
import { blocksPassStep } from './pass.ts';
import { blocksKeyStep, blocksPathStep, blocksRenewStep, relayEnds } from './path.ts';
import { nextBlocksPass } from './plan.ts';

/** A pass, its pieces through the machine that runs landfall where the plan says so. */
const passStep = (view: View, machine: string, plan: PassPlan, needs?: readonly string[]): Step =>
  relayed(blocksPassStep(view, machine, plan, needs), machine, relayEnds);

/** The steps of a machine that moves by blocks, due or yet to come. */
export function blocksSteps(view: View, machine: string): Step[] {
  const path = [blocksKeyStep(view, machine), blocksPathStep(view, machine)];
  const pass = nextBlocksPass(view, machine);
  if (pass !== undefined) {
    if (!isExpiring(view, machine, view.state.lastAt)) return [...path, passStep(view, machine, pass)];
    const renewal = blocksRenewStep(machine, pass.pass);
    return [...path, renewal, passStep(view, machine, pass, [renewal.id])];
  }
  const verify = nextVerify(view, machine);
  // Sums are compared through landfall's own connections: the path is not needed for them.
  if (verify !== undefined) return [...path, verifyBlocksStep(view, machine, verify)];
  return [...path, ...unsettled(view, machine)];
}

/** What a run would go through, for --dry-run. */
export function blocksOutlook(view: View, machine: string): Step[] {
  const path = [blocksKeyStep(view, machine), blocksPathStep(view, machine)];
  const next = nextBlocksPass(view, machine);
  const passes = next === undefined ? [] : [passStep(view, machine, next)];
  if (next?.kind === 'full') passes.push(repeated(view, machine, next));
  const last = passes.at(-1);
  const verified = nextVerify(view, machine) ?? (next === undefined ? undefined : lastNumber(next));
  if (verified === undefined) return [...path, ...passes];
  return [
    ...path,
    ...passes,
    verifyBlocksStep(view, machine, verified, last === undefined ? undefined : [last.id]),
  ];
}

const lastNumber = ({ kind, pass }: PassPlan): number => (kind === 'full' ? pass + 1 : pass);

function repeated(view: View, machine: string, first: PassPlan): Step {
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

/** As for files: work on record whose end is not is listed once more, so that the conductor closes it. */
function unsettled(view: View, machine: string): Step[] {
  const { state } = view;
  const known = get(state.machines, machine);
  const passes = (known?.passes ?? [])
    .slice(-1)
    .filter(({ mover }) => mover === 'blocks')
    .map(({ pass, kind, reason }) => passStep(view, machine, { pass, kind, reason, checksum: false }));
  const verified =
    known?.verified === undefined ? [] : [verifyBlocksStep(view, machine, known.verified.pass)];
  return [...passes, ...verified].filter(step => {
    const status = get(state.steps, step.id)?.status;
    return status !== undefined && status !== 'done';
  });
}
