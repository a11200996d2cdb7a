import type { MachineState } from '../journal/state.ts';
import type { View } from '../step/step.ts';
import { lastEnded, literalBytes, own, safeCopy } from './copy.ts';
import { ageOf } from './evidence.ts';

/** What would be lost if the source died now. Missing evidence makes a figure absent, never zero. */
export interface Exposure {
  readonly machine: string;
  /** Age of the start of the last verified pass; absent where nothing is safe yet. */
  readonly ageMs?: number;
  /** Why there is no age. */
  readonly why?: string;
  /** Bytes written on the source since then, estimated; absent without a basis. */
  readonly bytes?: number;
  /** Bytes per second behind that estimate. */
  readonly dirtyRate?: number;
  /** Hours of work lost times the tier's cost per hour, in the plan's currency. */
  readonly money?: number;
  readonly rpoMs?: number;
}

export interface ExposureTotals {
  /** The oldest of the ages that are known. */
  readonly worstMs?: number;
  /** Machines that have nothing safe at all: no sum is complete while there are any. */
  readonly unsafe: readonly string[];
  readonly bytes?: number;
  readonly bytesUnknown: readonly string[];
  readonly money?: number;
  readonly moneyUnknown: readonly string[];
}

const RATE_PASSES = 3;

/**
 * Bytes per second that the source dirties: literal bytes of the last delta passes over the time between the
 * starts of these passes and of the ones before them. A delta carries what was written since the pass before it
 * began; a byte written twice counts once, so the estimate grows with the interval faster than the truth does.
 * Undefined where no delta pass carried anything: no writes seen is no proof that there are none.
 */
export function dirtyRate(machine: MachineState | undefined): number | undefined {
  const passes = lastEnded(machine, RATE_PASSES + 1);
  let bytes = 0;
  let ms = 0;
  for (const [index, pass] of passes.entries()) {
    const before = passes[index - 1];
    if (before === undefined || pass.kind !== 'delta') continue;
    const interval = pass.startedAt - before.startedAt;
    if (interval <= 0) continue;
    bytes += literalBytes(pass);
    ms += interval;
  }
  return bytes > 0 && ms > 0 ? (bytes * 1000) / ms : undefined;
}

export function exposureOf(view: View, name: string, now: number): Exposure {
  const machine = own(view.state.machines, name);
  const tier = own(view.plan.tiers, own(view.plan.machines, name)?.tier ?? '');
  const rpo = tier === undefined ? {} : { rpoMs: tier.rpo };
  const copy = safeCopy(machine);
  if (copy.kind === 'none') return { machine: name, why: copy.why, ...rpo };
  const age = ageOf(copy.since, now);
  if (age.kind === 'future') {
    return { machine: name, why: 'the clock of this machine lies behind its own journal', ...rpo };
  }
  const rate = dirtyRate(machine);
  const cost = tier?.cost_per_hour;
  return {
    machine: name,
    ageMs: age.ms,
    ...(rate === undefined ? {} : { dirtyRate: rate, bytes: Math.round((rate * age.ms) / 1000) }),
    ...(cost === undefined ? {} : { money: (age.ms / 3600e3) * cost }),
    ...rpo,
  };
}

/** Sums over what is known, beside the names for which it is not. */
export function exposureTotals(exposures: readonly Exposure[]): ExposureTotals {
  const known = (pick: (each: Exposure) => number | undefined): number[] =>
    exposures.map(pick).filter(value => value !== undefined);
  const unknown = (pick: (each: Exposure) => number | undefined): string[] =>
    exposures.filter(each => pick(each) === undefined).map(each => each.machine);
  const sum = (values: readonly number[]): number | undefined =>
    values.length === 0 ? undefined : values.reduce((a, b) => a + b, 0);
  const ages = known(each => each.ageMs);
  const bytes = sum(known(each => each.bytes));
  const money = sum(known(each => each.money));
  return {
    ...(ages.length === 0 ? {} : { worstMs: Math.max(...ages) }),
    unsafe: unknown(each => each.ageMs),
    ...(bytes === undefined ? {} : { bytes }),
    bytesUnknown: unknown(each => each.bytes),
    ...(money === undefined ? {} : { money }),
    moneyUnknown: unknown(each => each.money),
  };
}
