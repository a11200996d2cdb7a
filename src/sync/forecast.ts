import { forecast } from '../pace/forecast.ts';
import { knownDirty } from '../pace/known-dirty.ts';
import type { View } from '../step/step.ts';
import { type PassPlan, settingsOf } from './plan-passes.ts';

export { dirtiedBy, fitDirtied } from '../pace/dirtied.ts';
export { type Forecast, forecast, hindsight } from '../pace/forecast.ts';
export { series } from '../pace/model.ts';

/** What `pass.started` says of the pass to come; nothing where there is no basis, as before a first copy. */
export interface Prediction {
  readonly predictedMs?: number;
  readonly predictedBytes?: number;
}

/**
 * The forecast of the pass that begins at `now` (epoch ms), to be stored beside its outcome. A pass over contents takes as
 * long as its disks do, and a full one begins anew: neither is forecast.
 */
export function predictionOf(view: View, machine: string, plan: PassPlan, now: number): Prediction {
  if (plan.checksum || plan.kind === 'full') return {};
  const state = view.state.machines[machine];
  const passes = (state?.passes ?? []).filter(({ pass }) => pass !== plan.pass);
  const last = passes.findLast(({ ended }) => ended !== undefined)?.ended;
  if (last === undefined) return {};
  const dirtyBytes = state === undefined ? undefined : knownDirty(state);
  const next = forecast(passes, settingsOf(view), {
    gapMs: Math.max(0, now - last.startedAt - last.ms),
    ...(dirtyBytes === undefined ? {} : { dirtyBytes }),
  });
  if (next === undefined) return dirtyBytes === undefined ? {} : { predictedBytes: dirtyBytes };
  return { predictedMs: Math.round(next.nextMs), predictedBytes: Math.round(next.nextLiteralBytes) };
}
