import type { PassState } from '../../journal/state.ts';
import { measuredLink } from '../../pace/measured-link.ts';
import { linkLimits } from '../../plan/link-limit.ts';
import type { View } from '../../step/step.ts';
import { type EndedPass, lastEnded, sentBytes } from '../copy.ts';
import type { Triage } from './types.ts';

/**
 * What the link gives, as measured by the passes that filled it, otherwise by `doctor --link` and as the plan limits it.
 * Bytes per second.
 */
export interface LinkRate {
  readonly at: (epochMs: number) => number;
  readonly now: NonNullable<Triage['rate']>;
  /** What holds it down: a throttle that an engineer ordered, the limit of the plan, or the network itself. */
  readonly boundBy: 'throttle' | 'plan' | 'network';
  /** The most that one machine gets of it: a pass keeps its share of a limit for itself, 1 where there is none. */
  readonly share: number;
  /** What the plan would let it be were the throttle lifted; absent where none is in force or the plan has no limit. */
  readonly unthrottled?: number;
}

/** A pass that sent less says more about latency than about the link. */
const LEAST_SENT = 16 * 1024 ** 2;
const RECENT_MS = 24 * 3600e3;
/** A pass that got this much of its share was held back by the limit and by nothing else. */
const FILLED = 0.8;
const PASSES = 3;

interface Transfer {
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
}

/** Undefined where nothing was measured and nothing is limited: then nothing can be said of time. `now` in epoch ms. */
export function linkRateOf({ plan, state }: View, now: number): LinkRate | undefined {
  const { link } = plan;
  const planned = linkLimits(link);
  const throttle = state.evacuation?.throttle?.bytesPerSecond;
  const limitAt = (at: number): number | undefined => throttle ?? planned(at);
  const measured = measure(recent(Object.values(state.machines).flatMap(each => lastEnded(each, PASSES))));
  const share = limitAt(now) === undefined ? 1 : 1 / link.streams;
  const bound = throttle === undefined ? 'plan' : 'throttle';
  const lifted = throttle === undefined ? undefined : planned(now);
  const rest = { share, ...(lifted === undefined ? {} : { unthrottled: lifted }) };

  if (measured === undefined) {
    const limits = [link.limit, ...link.windows.map(({ limit }) => limit)].filter(each => each !== undefined);
    // Before the first pass, what `doctor --link` measured; passes know better once there are some.
    const line = measuredLink(state, now);
    if (throttle === undefined && limits.length === 0 && line === undefined) return undefined;
    // One that was held to a limit and reached it says nothing against a wider one.
    const most = line === undefined || line.atLeast === true ? Infinity : line.bytesPerSecond;
    // An hour without a limit is worth at least what the narrowest hour is.
    const at = (when: number): number =>
      Math.min(limitAt(when) ?? line?.bytesPerSecond ?? Math.min(...limits), most);
    const limit = limitAt(now);
    const byLimit = line === undefined || (limit !== undefined && limit <= most);
    return {
      at,
      now: { bytesPerSecond: at(now), from: byLimit ? 'limit' : 'measured' },
      boundBy: byLimit ? bound : 'network',
      ...rest,
    };
  }
  const then = throttle ?? planned(measured.at);
  const filled = then === undefined ? 0 : measured.stream / (then / link.streams);
  const isBound = filled >= FILLED;
  const at = (when: number): number => {
    const limit = limitAt(when);
    if (limit === undefined) return measured.rate;
    return isBound ? limit * Math.min(1, filled) : Math.min(limit, measured.rate);
  };
  const limit = limitAt(now);
  const boundBy = isBound || (limit !== undefined && limit <= measured.rate) ? bound : 'network';
  return { at, now: { bytesPerSecond: at(now), from: 'measured' }, boundBy, ...rest };
}

function recent(passes: readonly EndedPass[]): Transfer[] {
  const transfers = passes.flatMap(pass => transferOf(pass) ?? []);
  const newest = Math.max(...transfers.map(({ to }) => to));
  return transfers.filter(({ to }) => to > newest - RECENT_MS);
}

function transferOf(pass: PassState): Transfer | undefined {
  const runs = pass.ended?.runs ?? [];
  const bytes = pass.ended === undefined ? 0 : sentBytes({ ...pass, ended: pass.ended });
  const ms = runs.reduce((sum, run) => sum + Math.max(0, run.ms - run.listSeconds * 1000), 0);
  if (pass.ended === undefined || bytes === 0 || ms <= 0) return undefined;
  if (pass.kind !== 'full' && bytes < LEAST_SENT) return undefined;
  const to = pass.ended.startedAt + pass.ended.ms;
  return { from: to - ms, to, bytes };
}

/** What all of them together sent while any of them did, and the best that one of them got. */
function measure(transfers: readonly Transfer[]): { rate: number; stream: number; at: number } | undefined {
  const newest = transfers.toSorted((a, b) => b.to - a.to)[0];
  if (newest === undefined) return undefined;
  let busy = 0;
  let until = Number.NEGATIVE_INFINITY;
  let bytes = 0;
  let stream = 0;
  for (const each of transfers.toSorted((a, b) => a.from - b.from)) {
    busy += Math.max(0, each.to - Math.max(each.from, until));
    until = Math.max(until, each.to);
    bytes += each.bytes;
    stream = Math.max(stream, (each.bytes * 1000) / (each.to - each.from));
  }
  return { rate: (bytes * 1000) / busy, stream, at: newest.to - 1 };
}
