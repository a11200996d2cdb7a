import { formatBitRate, formatBytes, formatDuration } from '../../foundation/units.ts';
import { get } from '../../journal/maps.ts';
import type { MachineState } from '../../journal/state.ts';
import { type Mover, moverOf } from '../../step/mover.ts';
import type { View } from '../../step/step.ts';
import { type Choice, decide, type NoChoice } from './choose.ts';
import { type Situation, situationOf } from './situation.ts';

/** What an order for a mover would come to, before anybody gives it. */
export interface Switch {
  readonly from: Mover;
  readonly choice: Choice | NoChoice;
  /** What it costs and what happens to the copy that is there; one sentence each, empty where nothing changes. */
  readonly costs: readonly string[];
  /** Why the target has no room for it; absent where it has, or where nobody knows. */
  readonly lacksRoom?: string;
  /** Its hypervisor has not been asked yet: what it says may change the outcome. */
  readonly isUncertain: boolean;
}

/** What ordering `wanted` for a machine would come to. Pure; `now` in epoch ms. */
export function switchTo(view: View, machine: string, wanted: Mover | 'auto', now: number): Switch {
  const situation: Situation = { ...situationOf(view, machine, now), ordered: wanted };
  const isUncertain = wanted !== 'files' && !situation.isLookedAt;
  // Nobody has asked yet: the order lets somebody ask, and is reckoned as if nothing stood in its way.
  const choice = decide(isUncertain ? { ...situation, isLookedAt: true } : situation);
  const from = moverOf(view, machine);
  const known = get(view.state.machines, machine);
  if (choice.mover === undefined || choice.mover === from) return { from, choice, costs: [], isUncertain };
  const room = choice.mover === 'blocks' ? roomFor(view, machine, known, situation) : undefined;
  return {
    from,
    choice,
    costs: [...copying(situation, known, choice.mover), ...(room?.isEnough === true ? [room.words] : [])],
    ...(room?.isEnough === false ? { lacksRoom: room.words } : {}),
    isUncertain,
  };
}

const hasBegun = (known: MachineState | undefined): boolean => (known?.passes.length ?? 0) > 0;

function copying({ costs, machine }: Situation, known: MachineState | undefined, to: Mover): string[] {
  if (!hasBegun(known)) return [`no pass of ${machine} has begun: nothing is copied twice`];
  const { firstBytes, firstMs } = costs[to];
  const assumed = costs.rate.from === 'assumed' ? 'an assumed ' : '';
  const size =
    firstBytes === undefined || firstMs === undefined
      ? 'of unknown size'
      : `at most ${formatBytes(firstBytes)}, about ${formatDuration(firstMs)} at ${assumed}${formatBitRate(costs.rate.bytesPerSecond)}`;
  return to === 'blocks'
    ? [
        `its next pass is a full copy, ${size}`,
        'the copy that is there stays until the new one is whole, then gives its place up to it',
      ]
    : [
        `its next pass compares every file with the copy that is there, contents and all, and sends what differs: ${size}`,
      ];
}

interface Room {
  readonly isEnough: boolean;
  readonly words: string;
}

/** Whether a second copy fits beside the one that is there. Nothing is said where nobody has looked. */
function roomFor(
  { plan, state }: View,
  machine: string,
  known: MachineState | undefined,
  { costs }: Situation,
): Room | undefined {
  const bytes = costs.blocks.firstBytes;
  const target = get(plan.machines, machine)?.target;
  if (bytes === undefined || target === undefined || !hasBegun(known)) return undefined;
  const pool = known?.replica?.volumes[0]?.pool ?? target.pool;
  const available = get(get(state.hypervisors, target.hypervisor)?.pools ?? {}, pool)?.available;
  if (available === undefined) return undefined;
  const left = `the pool ${pool} of ${target.hypervisor} has ${formatBytes(available)} left`;
  return bytes > available
    ? { isEnough: false, words: `a second copy needs up to ${formatBytes(bytes)}, and ${left}` }
    : {
        isEnough: true,
        words: `meanwhile the target holds two copies: up to ${formatBytes(bytes)} more; ${left}`,
      };
}
