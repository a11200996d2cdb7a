import { isCutoverLive, isInCutover } from '../../../cutover/index.ts';
import type { Mover } from '../../../step/mover.ts';
import { type Switch, switchTo } from '../../../sync/index.ts';
import type { CommandOf } from '../command.ts';
import {
  type Decision,
  type Desktop,
  failedSteps,
  isRunning,
  machineState,
  nothingToDo,
  refuse,
  requireMachine,
  retryEvents,
  stepsAbout,
} from './decision.ts';

/**
 * Another mover for a machine, from its next pass on. Refused where it cannot move it, where the target has no room for a
 * second copy, and amid a cutover: there the copy is the cutover's.
 */
export function mover({ machine, mover: wanted }: CommandOf<'mover'>, desk: Desktop): Decision {
  requireMachine(desk, machine);
  refuseAmidCutover(desk, machine);
  const known = machineState(desk, machine);
  const before = known?.moverOrdered;
  if (before?.mover === wanted)
    return nothingToDo(`${before.by} has asked for that already: ${machine} ${takesEffect(desk, machine)}.`);
  const outcome = switchTo(desk, machine, wanted, desk.now);
  refuseImpossible(desk, machine, wanted, outcome);
  const { from, choice } = outcome;
  const to = choice.mover ?? from;
  if (to === from && before === undefined && isSettled(desk, machine, wanted))
    return nothingToDo(
      `${machine} travels by ${from} already${wanted === 'auto' ? `, and landfall would take that again: ${why(outcome)}` : ''}.`,
    );
  const failed = failedSteps(desk, machine).filter(id => /^inventory\/[^/]+\/(?:mover|blocks)$/.test(id));
  return {
    events: [{ type: 'mover.ordered', machine, mover: wanted }, ...retryEvents(failed)],
    retry: failed,
    // The hypervisor is asked again where its answer is old; not under a copy that runs.
    recheck: stepsAbout(desk, machine).some(isRunning) ? [] : [machine],
    said: `${[
      to === from ? `${machine} stays with ${to}` : `${machine} ${takesEffect(desk, machine)} by ${to}`,
      ...(wanted === 'auto' ? [why(outcome)] : []),
      ...(outcome.isUncertain
        ? [`its hypervisor is asked first; where it cannot, ${machine} stays as it is and says why`]
        : []),
      ...outcome.costs,
    ].join('; ')}.`,
  };
}

const why = ({ choice }: Switch): string => (choice.mover === undefined ? '' : (choice.reasons[0] ?? ''));

/** Nothing would be written down that is not there already. */
function isSettled(desk: Desktop, machine: string, wanted: Mover | 'auto'): boolean {
  const decided = machineState(desk, machine)?.mover?.decided;
  if (wanted === 'auto') return decided === 'auto';
  return decided !== undefined || desk.plan.machines[machine]?.mover === wanted || hasPasses(desk, machine);
}

const hasPasses = (desk: Desktop, machine: string): boolean =>
  (machineState(desk, machine)?.passes.length ?? 0) > 0;

const takesEffect = (desk: Desktop, machine: string): string =>
  stepsAbout(desk, machine).some(step => step.phase === 'sync' && isRunning(step))
    ? 'ends what it copies now as it began, and from the next pass on travels'
    : 'travels from the next pass on';

function refuseAmidCutover(desk: Desktop, machine: string): void {
  if (!isCutoverLive(desk) && !isInCutover(desk, machine)) return;
  throw refuse(
    `a cutover has begun: the copy of ${machine} is not given to another mover now`,
    [
      `finish it, or give it up first: landfall cutover ${desk.plan.name} abort --reason "..."`,
      `how far it is: landfall status ${desk.plan.name}`,
    ],
    'a switch would cost the copy that the cutover relies on its last passes',
  );
}

function refuseImpossible(
  desk: Desktop,
  machine: string,
  wanted: Mover | 'auto',
  { from, choice, lacksRoom }: Switch,
): void {
  const stays = `${machine} stays with ${from}; what is known of both: landfall mover ${desk.plan.name}`;
  if (choice.mover === undefined)
    throw refuse(
      `${machine} can be moved neither by its files nor by its blocks`,
      [stays],
      [...choice.impossible.files, ...choice.impossible.blocks].join('; '),
    );
  if (choice.decided === 'fallback')
    throw refuse(
      `${machine} cannot be moved by ${wanted}`,
      ['mend what stands in the way, then order it again', stays],
      choice.reasons.slice(1).join('; '),
    );
  if (lacksRoom !== undefined)
    throw refuse(
      `the target has no room for the full copy that ${choice.mover} would begin with`,
      ['make room in that pool, then order it again', stays],
      lacksRoom,
    );
}
