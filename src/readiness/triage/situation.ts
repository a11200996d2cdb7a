import type { View } from '../../step/step.ts';
import { deadlineOf } from '../makes-it.ts';
import { type Capacity, capacityOf, stretchesOf } from './capacity.ts';
import { databaseWork } from './database-work.ts';
import { fleetOf } from './fleet.ts';
import { type ForecastError, forecastError } from './forecast-error.ts';
import { type LinkRate, linkRateOf } from './link-rate.ts';
import { machineWork } from './machine-work.ts';
import type { Job } from './solve.ts';
import type { Amount, Work } from './work.ts';

/** Everything that triage reckons with, once. */
export interface Situation {
  readonly evacuation: string;
  readonly now: number;
  readonly deadlineAt?: number;
  readonly expectedAt?: number;
  /** By when a machine must be safe: the earliest loss, once that has passed the expected one; absent after both. */
  readonly until?: number;
  readonly rate?: LinkRate;
  readonly capacity?: Capacity;
  readonly error: ForecastError;
  readonly works: readonly Work[];
}

export function situationOf(view: View, now: number): Situation {
  const { plan, state } = view;
  const rate = linkRateOf(view, now);
  const deadlineAt = deadlineOf(view);
  const expected = plan.deadline.expected;
  const expectedAt =
    state.evacuation?.deadline.expected ?? (expected.kind === 'at' ? expected.epochMs : undefined);
  const until = [deadlineAt, expectedAt].find(at => at !== undefined && Number.isFinite(at) && at > now);
  const fleet = fleetOf(state, rate?.now.from === 'measured' ? rate.now.bytesPerSecond : undefined);
  const last = Math.max(deadlineAt ?? now, expectedAt ?? now);
  return {
    evacuation: plan.name,
    now,
    ...(deadlineAt === undefined ? {} : { deadlineAt }),
    ...(expectedAt === undefined ? {} : { expectedAt }),
    ...(until === undefined ? {} : { until }),
    ...(rate === undefined ? {} : { rate, capacity: linkCapacity(view, rate, now, last) }),
    error: forecastError(Object.values(state.machines)),
    works: [
      ...Object.keys(plan.machines).map(name => machineWork(view, name, now, fleet)),
      ...Object.keys(plan.databases).map(name => databaseWork(view, name, now)),
    ],
  };
}

function linkCapacity({ plan, state }: View, rate: LinkRate, now: number, until: number): Capacity {
  const isConstant = plan.link.windows.length === 0 || state.evacuation?.throttle !== undefined;
  return capacityOf(isConstant ? [{ at: now, rate: rate.at(now) }] : stretchesOf(rate.at, now, until));
}

/** What is expected, with the error that forecasts of this evacuation had. */
export const expectedOf = ({ error }: Situation, { expected }: Work): Amount => ({
  bytes: expected.bytes * error.factor,
  tailMs: expected.tailMs * error.factor,
});

export const worstOf = ({ error }: Situation, { expected, worst }: Work): Amount => ({
  bytes: Math.max(worst.bytes, expected.bytes * error.worst),
  tailMs: Math.max(worst.tailMs, expected.tailMs * error.worst),
});

/** What can be done about a work: it is open, and where bytes are to travel something is known of the link. */
export const isCountable = (situation: Situation, work: Work): boolean =>
  work.standing === 'open' && (work.expected.bytes === 0 || situation.capacity !== undefined);

/** A change that a saver would make. */
export interface Change {
  /** Bytes per second more, at any hour. */
  readonly extra?: number;
  /** Bytes that one of them need not send. */
  readonly spares?: { readonly name: string; readonly bytes: number };
  readonly without?: ReadonlySet<string>;
}

/** The open works as jobs of the link. */
export function jobsOf(situation: Situation, change: Change = {}): Job[] {
  const capacity =
    change.extra === undefined ? situation.capacity : situation.capacity?.withExtra(change.extra);
  const works = situation.works.filter(
    work => isCountable(situation, work) && change.without?.has(work.name) !== true,
  );
  const open = new Set(works.map(({ name }) => name));
  const left = new Map(situation.works.map(work => [work.name, work]));
  return works.map(work => {
    const { bytes: all, tailMs } = expectedOf(situation, work);
    const bytes = change.spares?.name === work.name ? Math.max(0, all - change.spares.bytes) : all;
    return {
      name: work.name,
      priority: work.priority,
      cost: work.cost,
      bytes,
      due: dueOf(situation, capacity, { bytes, tailMs }),
      needs: neededBy(left, work.name).filter(name => open.has(name) || change.without?.has(name) === true),
    };
  });
}

/** Bytes of the link by which it must have been sent; negative where it cannot be in time even alone. */
function dueOf(
  { until, now, rate }: Situation,
  capacity: Capacity | undefined,
  { bytes, tailMs }: Amount,
): number {
  if (until === undefined) return Number.POSITIVE_INFINITY;
  const last = until - tailMs;
  if (last < now) return -1;
  if (capacity === undefined) return bytes === 0 ? 0 : -1;
  const due = capacity.bytesBy(last);
  return bytes / (rate?.share ?? 1) > due ? -1 : due;
}

/** All that it waits for, through whatever lies between; without itself. */
export function neededBy(works: ReadonlyMap<string, Work>, name: string): string[] {
  const found = new Set<string>();
  const open = [...(works.get(name)?.needs ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === name || found.has(next) || !works.has(next)) continue;
    found.add(next);
    open.push(...(works.get(next)?.needs ?? []));
  }
  return [...found];
}
