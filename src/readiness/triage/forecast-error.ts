import type { MachineState } from '../../journal/state.ts';
import { endedPasses } from '../copy.ts';

/** How forecasts of passes turned out: the work to come is multiplied by it. */
export interface ForecastError {
  /** What a pass took of what it was said to take, the middle of all; never under 1: luck does not count. */
  readonly factor: number;
  /** What the worst of ten took. */
  readonly worst: number;
  readonly samples: number;
}

/** Before so many forecasts came true or did not, one and a half times the work must fit. */
const ENOUGH = 3;
const UNTRIED: Omit<ForecastError, 'samples'> = { factor: 1, worst: 1.5 };
const LEAST_SPREAD = 1.15;

export function forecastError(machines: readonly MachineState[]): ForecastError {
  const ratios = machines
    .flatMap(endedPasses)
    .flatMap(({ predictedMs, ended }) => {
      // Time that rsync itself took: that is what was forecast.
      const ms = ended.runs.reduce((sum, run) => sum + run.ms, 0);
      return predictedMs === undefined || predictedMs <= 0 || ms <= 0 ? [] : [ms / predictedMs];
    })
    .toSorted((a, b) => a - b);
  const samples = ratios.length;
  if (samples < ENOUGH) return { ...UNTRIED, samples };
  const factor = within(ratios[Math.floor((samples - 1) / 2)] ?? 1, 1, 3);
  const worst = within(ratios[Math.ceil(samples * 0.9) - 1] ?? 1, factor * LEAST_SPREAD, 5);
  return { factor, worst, samples };
}

const within = (value: number, least: number, most: number): number =>
  Math.min(Math.max(value, least), Math.max(most, least));
