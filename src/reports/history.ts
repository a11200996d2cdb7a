import { itemKey, mergeTimings, type Timing, type Timings } from '../checklist/index.ts';
import { harmless } from '../foundation/text.ts';
import type { Event } from '../journal/events.ts';
import { say, type Tone } from './say.ts';

/** What happened, and how exposed each machine was meanwhile: what the folded state no longer knows. */
export interface HistoryReport {
  /** Oldest first; what only logs care about is left out. */
  readonly events: readonly HistoryEvent[];
  /** Older events for which there was no room. */
  readonly leftOut: number;
  readonly exposure: readonly ExposureSeries[];
}

export interface HistoryEvent {
  readonly at: number;
  /** `dana@jump1`. */
  readonly by: string;
  readonly subject: string;
  readonly text: string;
  readonly tone: Exclude<Tone, 'quiet'>;
}

/** Age of what was safe of a machine, over time; it falls with each verified pass. Instants in epoch ms. */
export interface ExposureSeries {
  readonly machine: string;
  readonly points: ReadonlyArray<{ readonly at: number; readonly ageMs: number }>;
}

export interface HistoryBuilder {
  add(event: Event): void;
  /** `now` in epoch ms: until then exposure grows. */
  report(now: number): HistoryReport;
}

const EVENTS_KEPT = 1500;
const POINTS_KEPT = 200;

interface Safe {
  readonly since: number;
  points: Array<{ at: number; ageMs: number }>;
}

/** Gathers a history event by event; its size is bounded however long the journal is. */
export function createHistory(): HistoryBuilder {
  let events: HistoryEvent[] = [];
  let leftOut = 0;
  const safe = new Map<string, Safe>();
  return {
    add(event) {
      const said = say(event);
      if (said !== undefined && said.tone !== 'quiet') {
        const { subject, text, tone } = said;
        events.push({
          at: event.at,
          by: harmless(event.by.replace(/:\d+$/, '')),
          subject: harmless(subject),
          text,
          tone,
        });
        if (events.length > 2 * EVENTS_KEPT) {
          leftOut += events.length - EVENTS_KEPT;
          events = events.slice(-EVENTS_KEPT);
        }
      }
      expose(safe, event);
    },
    report(now) {
      const shown = events.slice(-EVENTS_KEPT);
      return {
        events: shown,
        leftOut: leftOut + events.length - shown.length,
        exposure: [...safe].map(([machine, { since, points }]) => ({
          machine: harmless(machine),
          points: [...points, { at: now, ageMs: Math.max(0, now - since) }],
        })),
      };
    },
  };
}

/**
 * How long items took in the cutovers of this journal before the newest one: a cutover is not compared with itself, and
 * the folded state has forgotten those before it.
 */
export function earlierTimings(events: Iterable<Event>): Timings {
  const earlier: Timings[] = [];
  let about = { name: '', rehearsal: false };
  let rehearsal = false;
  let now: Record<string, Timing[]> = {};
  for (const event of events) {
    if (event.type === 'evacuation.created')
      about = { name: event.name, rehearsal: event.rehearsal || event.lab };
    if (event.type === 'cutover.begun') {
      earlier.push(now);
      now = {};
      rehearsal = event.rehearse || about.rehearsal;
    }
    if (event.type !== 'cutover.item' || event.outcome !== 'done' || event.how !== 'ran') continue;
    const { startedAt, at } = event;
    if (startedAt === undefined || !(at >= startedAt)) continue;
    now[itemKey(event.item)] = [{ ms: at - startedAt, at, evacuation: about.name, rehearsal }];
  }
  return mergeTimings(earlier);
}

/** A verified pass makes safe what was written before it began; a new replica makes nothing safe at all. */
function expose(safe: Map<string, Safe>, event: Event): void {
  if (event.type === 'replica.created') safe.delete(event.machine);
  if (event.type !== 'replica.verified' || event.mismatches.length > 0) return;
  const { machine, passStartedAt, at } = event;
  const before = safe.get(machine);
  const points = before?.points ?? [];
  if (before !== undefined) points.push({ at, ageMs: Math.max(0, at - before.since) });
  points.push({ at, ageMs: Math.max(0, at - passStartedAt) });
  safe.set(machine, { since: passStartedAt, points: thinned(points) });
}

/** Every other tooth of an old saw goes; the newest stay as they are. */
function thinned(points: Safe['points']): Safe['points'] {
  if (points.length <= POINTS_KEPT) return points;
  const half = points.length / 2;
  return points.filter((_each, index) => index >= half || Math.floor(index / 2) % 2 === 0);
}
