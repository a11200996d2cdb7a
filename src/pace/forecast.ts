import type { PassState } from '../journal/state.ts';
import { type ConvergeSettings, FLOOR_FACTOR, judge } from './judge.ts';
import { metricsOf } from './metrics.ts';
import { type Model, modelOf } from './model.ts';
import { recentOf } from './recent.ts';

export interface Forecast {
  readonly nextMs: number;
  readonly nextLiteralBytes: number;
  /** The same if everything that ever was hot were dirty again: one or two delta passes cannot tell. */
  readonly nextMostMs: number;
  /** Passes still to come until the sequence would be judged converged; undefined where it never is. */
  readonly passesLeft?: number;
  /** Their time in all, milliseconds. */
  readonly etaMs?: number;
}

export interface ForecastOptions {
  /** From the end of the last pass to the beginning of the next. */
  readonly gapMs?: number;
  /** Bytes that the next pass will find, where they were counted beforehand. */
  readonly dirtyBytes?: number;
}

/**
 * What the next pass will take if it starts `gapMs` after the last ended, and how long until the passes converge.
 * Undefined before the first delta pass has ended: until then nothing is known about the writers.
 */
export function forecast(
  passes: readonly PassState[],
  settings: ConvergeSettings,
  { gapMs = 0, dirtyBytes }: ForecastOptions = {},
): Forecast | undefined {
  const all = metricsOf(recentOf(passes));
  const last = all.at(-1);
  const model = modelOf(all);
  if (last === undefined || model === undefined) return undefined;

  const next = (bytes: number): Step => ({ ms: model.passMs(bytes), bytes });
  const first = next(dirtyBytes ?? model.dirtied(last.ms + gapMs));
  const base = {
    nextMs: first.ms,
    nextLiteralBytes: first.bytes,
    nextMostMs: model.passMs(Math.max(first.bytes, dirtyBytes === undefined ? model.mostBytes : 0)),
  };
  if (judge(passes, settings).verdict === 'converged') return { ...base, passesLeft: 0, etaMs: 0 };
  return { ...base, ...untilConverged(model, first, settings.atMost - last.pass, settings.small) };
}

interface Step {
  readonly ms: number;
  readonly bytes: number;
}

function untilConverged(
  model: Model,
  first: Step,
  allowed: number,
  small: number,
): Pick<Forecast, 'passesLeft' | 'etaMs'> {
  let step = first;
  let etaMs = 0;
  for (let count = 1; count <= allowed; count += 1) {
    etaMs += step.ms;
    if (step.bytes <= small || step.ms <= FLOOR_FACTOR * model.floorMs) return { passesLeft: count, etaMs };
    const bytes = model.dirtied(step.ms);
    step = { ms: model.passMs(bytes), bytes };
  }
  return {};
}

export interface Hindsight {
  readonly pass: number;
  readonly predictedMs: number;
  readonly ms: number;
  /** Of the new bytes, where they were forecast. */
  readonly predictedBytes?: number;
  readonly literalBytes: number;
}

/** How good the forecasts were: those stored at the start of each pass against what it took and brought. */
export function hindsight(passes: readonly PassState[]): Hindsight[] {
  const started = new Map(passes.map(pass => [pass.pass, pass]));
  return metricsOf(passes).flatMap(({ pass, ms, literalBytes }) => {
    const { predictedMs, predictedBytes } = started.get(pass) ?? {};
    if (predictedMs === undefined) return [];
    return [
      {
        ...{ pass, predictedMs, ms, literalBytes },
        ...(predictedBytes === undefined ? {} : { predictedBytes }),
      },
    ];
  });
}
