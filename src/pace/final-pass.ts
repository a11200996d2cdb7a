import { get } from '../journal/maps.ts';
import type { View } from '../step/step.ts';
import { knownDirty } from './known-dirty.ts';
import { modelOfPasses } from './model.ts';

/** The pass that a cutover makes once the writers have stopped: how long they are down for it. */
export interface FinalPass {
  /** If they stopped now. */
  readonly ms: number;
  readonly bytes: number;
  /** `counted`: the hypervisor has counted these bytes. `forecast`: as the passes so far say. */
  readonly from: 'counted' | 'forecast';
  /** The least that it can be: what a pass takes that finds nothing. */
  readonly floorMs: number;
}

/**
 * T_f = C + what was written since the last pass began, over B (facts of the disk, 3.2). It grows while no pass runs, and
 * falls back with each. Undefined before the first delta pass, and before the first of another mover that has the machine
 * since: that one looks at everything once. `now` in epoch ms.
 */
export function finalPass(view: View, machine: string, now: number): FinalPass | undefined {
  const state = get(view.state.machines, machine);
  const newest = state?.passes.findLast(({ ended }) => ended !== undefined);
  const last = newest?.ended;
  if (state === undefined || last === undefined) return undefined;
  if (state.mover !== undefined && state.mover.mover !== newest?.mover) return undefined;
  const model = modelOfPasses(state.passes);
  if (model === undefined) return undefined;
  const counted = knownDirty(state);
  const since = (at: number): number => model.dirtied(Math.max(0, at - last.startedAt));
  const bytes =
    counted === undefined
      ? since(now)
      : // What has come since it was counted comes at the pace that the passes saw.
        counted + Math.max(0, since(now) - since(state.dirty?.at ?? now));
  return {
    ms: Math.round(model.passMs(bytes)),
    bytes: Math.round(bytes),
    from: counted === undefined ? 'forecast' : 'counted',
    floorMs: Math.round(model.floorMs),
  };
}
