import { formatBytes, formatRate } from '../../foundation/units.ts';
import type { MachineState } from '../../journal/state.ts';
import type { Plan } from '../../plan/schema.ts';
import type { CareSample } from './look.ts';

/**
 * When landfall steps back from a source, and when it comes back: two looks in a row to slow down, so that one busy
 * moment is none; minutes of calm to go on, so that it does not go to and fro. Pure.
 */

export interface CareAct {
  readonly act: 'ease' | 'stop' | 'release';
  readonly bytesPerSecond?: number;
  /** What is too much was there as well while nothing of ours ran. */
  readonly foreign?: boolean;
  readonly why: string;
  readonly evidence: string[];
}

/** Looks in a row that have to say the same before something is done. */
const LOOKS = 2;
/** As slow as it gets before it is stopped. */
export const LEAST = 1024 ** 2;
/** Looks in a row that are too much at the least rate, before it is stopped. */
const LOOKS_AT_LEAST = 4;
/** For so long everything has to be calm, before it is a little faster again, ms; and before it begins again at all. */
const CALM_MS = 60_000;
const CALM_AFTER_STOP_MS = 180_000;
/** A load is an average over a minute: after so long without our work, what is left of it is not ours. */
const RELIEF_MS = 120_000;
/** A load that fell below this share of what it was when we stopped was ours in part; above the other one it rose. */
const RELIEVED = 0.75;
const RISEN = 1.5;
/** Where it was ours in part and stays too much without us, it is tried again after so long. */
const SECOND_TRY_MS = 30 * 60_000;
/** Looks to be kept of a host, one every 15 s: more than the longest of these times. */
export const LOOKS_KEPT = 140;
/** Calm is well within the limit: at the limit it would be over it with the next byte. */
const MARGIN = 0.8;
/** A snapshot as full as this is slowed down for, and stopped for, in percent: a full one is worth nothing. */
const SNAPSHOT_EASE = 80;
const SNAPSHOT_STOP = 92;

interface Reading {
  /** `over`: slow down. `short`: something runs out, stop. `near`: neither that nor calm. */
  readonly level: 'calm' | 'near' | 'over' | 'short';
  readonly why: string;
}

export interface CareFacts {
  readonly care: Plan['care'];
  /** Of one host, oldest first, without gaps: a look without an answer begins a new row. */
  readonly samples: readonly CareSample[];
  readonly cared: MachineState['cared'];
  /** When that was decided, by the clock of the samples; undefined where it was before they began. */
  readonly decidedAt: number | undefined;
  /** Bytes per second that the machine's copy would have. */
  readonly full: number;
}

/** What is to be done now; undefined where everything stays as it is. */
export function judgeCare(facts: CareFacts): CareAct | undefined {
  const { samples, cared, decidedAt } = facts;
  const readings = samples.map((sample, index) => ({
    at: sample.at,
    ...worstOf(readingsOf(sample, samples[index - 1], facts.care)),
  }));
  const since = decidedAt ?? Number.NEGATIVE_INFINITY;
  // What was seen before the last decision has been answered by it.
  const fresh = readings.filter(({ at }) => at > since);
  const last = fresh.at(-1);
  if (last === undefined) return undefined;
  const evidence = evidenceOf(samples);

  if (cared?.act !== 'stop' && allOf(fresh, LOOKS, ({ level }) => level === 'short'))
    return { act: 'stop', why: last.why, evidence };
  if (cared?.act === 'stop') {
    const foreign = notOurs(facts, fresh, evidence);
    if (foreign !== undefined) return foreign;
  } else if (cared?.foreign === true) {
    if (
      allOf(fresh, LOOKS, ({ level }) => level === 'over') &&
      hasRisen(samples.filter(({ at }) => at > since))
    )
      return { act: 'stop', why: `${last.why}, and more than without the copy`, evidence };
  } else if (allOf(fresh, LOOKS, ({ level }) => level === 'over' || level === 'short')) {
    const rate = cared?.act === 'ease' ? (cared.bytesPerSecond ?? facts.full) : facts.full;
    if (rate > LEAST)
      return { act: 'ease', bytesPerSecond: Math.max(LEAST, Math.floor(rate / 2)), why: last.why, evidence };
    if (allOf(fresh, LOOKS_AT_LEAST, ({ level }) => level === 'over' || level === 'short'))
      return {
        act: 'stop',
        why: `${last.why}, also with the copy at ${formatRate(LEAST)}`,
        evidence,
      };
  }
  return cared === undefined ? undefined : comeBack(facts, cared, fresh, evidence);
}

/**
 * Stopping has brought nothing: the source is as busy without us. To wait for its calm would be to wait for ever, and the
 * copy at the least rate is no part of the trouble. What runs out (memory, space) is waited for all the same.
 */
function notOurs(
  { samples, decidedAt }: CareFacts,
  fresh: readonly (Reading & { readonly at: number })[],
  evidence: string[],
): CareAct | undefined {
  const [first] = fresh;
  const last = fresh.at(-1);
  if (first === undefined || last === undefined || last.at - first.at < RELIEF_MS) return undefined;
  if (!allOf(fresh, LOOKS, ({ level }) => level === 'over')) return undefined;
  const loadAt = (at: number): number => samples.find(sample => sample.at === at)?.load ?? 0;
  const isRelieved = loadAt(last.at) < RELIEVED * loadAt(first.at);
  if (isRelieved && last.at - (decidedAt ?? first.at) < SECOND_TRY_MS) return undefined;
  const why = `the load is not ours: ${last.why}, also while nothing was copied`;
  return { act: 'ease', bytesPerSecond: LEAST, foreign: true, why, evidence };
}

/** Against the first look after it went on: a load is an average, and what our work adds comes later. */
function hasRisen(samples: readonly CareSample[]): boolean {
  const [before, ...after] = samples.map(({ load }) => load ?? 0);
  return before !== undefined && before > 0 && allOf(after, LOOKS, load => load > RISEN * before);
}

function comeBack(
  { full }: CareFacts,
  cared: NonNullable<MachineState['cared']>,
  fresh: readonly (Reading & { readonly at: number })[],
  evidence: string[],
): CareAct | undefined {
  const needed = cared.act === 'stop' ? CALM_AFTER_STOP_MS : CALM_MS;
  const busy = fresh.findLastIndex(({ level }) => level !== 'calm');
  const calm = fresh.slice(busy + 1);
  const first = calm[0];
  const last = calm.at(-1);
  if (first === undefined || last === undefined || last.at - first.at < needed) return undefined;
  const why = 'the source has been calm for some time';
  const rate = cared.act === 'stop' ? LEAST / 2 : (cared.bytesPerSecond ?? full);
  return rate * 2 >= full
    ? { act: 'release', why, evidence }
    : { act: 'ease', bytesPerSecond: Math.floor(rate * 2), why, evidence };
}

const allOf = <T>(list: readonly T[], count: number, holds: (item: T) => boolean): boolean =>
  list.length >= count && list.slice(-count).every(holds);

const RANK = { calm: 0, near: 1, over: 2, short: 3 } as const;

const worstOf = (readings: readonly Reading[]): Reading =>
  readings.reduce((worst, reading) => (RANK[reading.level] > RANK[worst.level] ? reading : worst), {
    level: 'calm',
    why: 'nothing is short',
  });

function readingsOf(sample: CareSample, before: CareSample | undefined, care: Plan['care']): Reading[] {
  const readings: Reading[] = [];
  const { load, cores = 1, available, free, snapshots } = sample;
  if (load !== undefined)
    readings.push({
      level: over(load / cores, care.load),
      why: `load ${load.toFixed(1)} on ${cores} processors, more than ${care.load} each`,
    });
  const wait = waitOf(sample, before);
  if (wait !== undefined)
    readings.push({
      level: over(wait, care.iowait),
      why: `it waits for its disks ${Math.round(wait * 100)} % of the time, more than ${Math.round(care.iowait * 100)} %`,
    });
  if (available !== undefined)
    readings.push({
      level: under(available, care.memory),
      why: `${formatBytes(available)} of memory are left, less than ${formatBytes(care.memory)}`,
    });
  if (free !== undefined)
    readings.push({
      level: under(free, care.space),
      why: `${formatBytes(free)} are free for pieces and snapshots, less than ${formatBytes(care.space)}`,
    });
  for (const { name, percent } of snapshots)
    readings.push({
      level: percent >= SNAPSHOT_STOP ? 'short' : percent >= SNAPSHOT_EASE ? 'over' : 'calm',
      why: `the snapshot ${name} is ${Math.round(percent)} % full`,
    });
  return readings;
}

const over = (value: number, limit: number): Reading['level'] =>
  value > limit ? 'over' : value > limit * MARGIN ? 'near' : 'calm';

const under = (value: number, limit: number): Reading['level'] =>
  value < limit ? 'short' : value < limit / MARGIN ? 'near' : 'calm';

/** The share of time between two looks; undefined for the first one, and after the host was started again. */
function waitOf(sample: CareSample, before: CareSample | undefined): number | undefined {
  if (sample.ticks === undefined || sample.waited === undefined) return undefined;
  if (before?.ticks === undefined || before.waited === undefined) return undefined;
  const ticks = sample.ticks - before.ticks;
  const waited = sample.waited - before.waited;
  // iowait may even run backwards by a little (proc(5)).
  return ticks <= 0 ? undefined : Math.min(1, Math.max(0, waited / ticks));
}

function evidenceOf(samples: readonly CareSample[]): string[] {
  const last = samples.at(-1);
  if (last === undefined) return [];
  const wait = waitOf(last, samples.at(-2));
  return [
    ...(last.load === undefined ? [] : [`load ${last.load} on ${last.cores ?? 1} processors`]),
    ...(wait === undefined ? [] : [`waiting for disks ${Math.round(wait * 100)} % of the time`]),
    ...(last.available === undefined ? [] : [`${formatBytes(last.available)} of memory available`]),
    ...(last.free === undefined ? [] : [`${formatBytes(last.free)} free`]),
    ...last.snapshots.map(({ name, percent }) => `snapshot ${name} ${percent} % full`),
  ];
}
