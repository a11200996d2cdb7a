import type { MachineState } from '../journal/state.ts';
import type { View } from '../step/step.ts';
import { lastEnded, literalBytes, own, type SafeCopy, safeCopy } from './copy.ts';
import { ageOf } from './evidence.ts';

/** What would be lost if the source died now. Missing evidence makes a figure absent, never zero. */
export interface Exposure {
  readonly machine: string;
  /** Age of the start of the last verified pass; absent where nothing is safe yet. */
  readonly ageMs?: number;
  /** Why there is no age. */
  readonly why?: string;
  /**
   * Bytes written on the source since then: as measured, and what is estimated to have come since; estimated as a whole
   * where nothing was measured; absent without a basis.
   */
  readonly bytes?: number;
  /** When they were measured, epoch ms; absent where they are an estimate. */
  readonly measuredAt?: number;
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
/** How long a measurement that found nothing is an answer where nothing else is known. */
const STILL_MS = 5 * 60e3;

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
  if (isOverByCutover(view, name, copy.since))
    return {
      ...{ machine: name, ageMs: 0, bytes: 0 },
      ...(tier?.cost_per_hour === undefined ? {} : { money: 0 }),
      ...rpo,
    };
  const age = ageOf(copy.since, lossInstant(view) ?? now);
  // A clock that was set back makes every age too small, also where the copy is older than that.
  if (age.kind === 'future' || ageOf(view.state.lastAt, now).kind === 'future') {
    return { machine: name, why: 'the clock of this machine lies behind its own journal', ...rpo };
  }
  const cost = tier?.cost_per_hour;
  return {
    machine: name,
    ageMs: age.ms,
    ...bytesWritten(machine, copy, age.ms, now),
    ...(cost === undefined ? {} : { money: (age.ms / 3600e3) * cost }),
    ...rpo,
  };
}

/**
 * The source was brought to rest, its last copy was compared and is exact: nothing can be lost any more, as long as
 * nobody starts it again. An abort takes the rest back, and with it this answer.
 */
export function isOverByCutover({ state }: View, name: string, since: number): boolean {
  const { cutover } = state;
  const quietAt = own(cutover?.machines ?? {}, name)?.stopped?.quietAt;
  const isExact = own(cutover?.items ?? {}, `last-copy/${name}`)?.outcome === 'done';
  return quietAt !== undefined && isExact && since >= quietAt;
}

/** In a cutover in the dark the loss no longer grows once the copies are production: what came after is at the target. */
export function lossInstant({ state }: View): number | undefined {
  const { cutover } = state;
  return cutover?.dark === true && cutover.noReturn !== undefined ? cutover.startedAt : undefined;
}

type Written = Pick<Exposure, 'bytes' | 'dirtyRate' | 'measuredAt'>;

function bytesWritten(
  machine: MachineState | undefined,
  copy: SafeCopy & { readonly kind: 'verified' },
  ageMs: number,
  now: number,
): Written {
  const rate = dirtyRate(machine);
  const estimate = rate === undefined ? {} : { dirtyRate: rate, bytes: Math.round((rate * ageMs) / 1000) };
  const measured = machine?.measured;
  if (machine === undefined || measured === undefined || !isOfThisCopy(machine, measured, copy))
    return estimate;
  const since = ageOf(measured.startedAt, now);
  if (since.kind === 'future') return estimate;
  // What was found had come in the time since the pass began: so fast at least it goes on.
  const found = (measured.bytes * 1000) / Math.max(1, measured.startedAt - copy.since);
  const grows = Math.max(rate ?? 0, found);
  // Nothing found and nothing known of what comes: true of that moment, and of a few minutes after it.
  if (grows === 0 && since.ms > STILL_MS) return estimate;
  return {
    ...(grows === 0 ? {} : { dirtyRate: grows }),
    bytes: Math.round(measured.bytes + (grows * since.ms) / 1000),
    measuredAt: measured.startedAt,
  };
}

/** It counted what differs from the safe copy: no pass has begun since that copy's own, but for none at all. */
function isOfThisCopy(
  { passes }: MachineState,
  { startedAt }: NonNullable<MachineState['measured']>,
  copy: SafeCopy & { readonly kind: 'verified' },
): boolean {
  const pass = passes.find(each => each.pass === copy.pass)?.ended;
  if (pass === undefined || startedAt < pass.startedAt + pass.ms) return false;
  return passes.every(each => each.pass <= copy.pass && each.startedAt <= startedAt);
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
