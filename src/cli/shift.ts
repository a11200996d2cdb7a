import { engineerOf as engineerIn, NOBODY_LOOKED, tallyAway } from '../evacuation/engine/away.ts';
import { harmless } from '../foundation/text.ts';
import { counted, formatBytes, formatDuration } from '../foundation/units.ts';
import type { Event } from '../journal/events.ts';
import { readState } from '../journal/read-state.ts';
import { reportOf } from '../reports/model.ts';
import { ShiftBuilder, type ShiftLine, type ShiftReport } from '../reports/shift.ts';
import { engineerOf } from './engineer.ts';
import type { Io } from './io.ts';
import { evacuationsRoot } from './paths.ts';
import { loadEvacuation } from './recorded.ts';

export interface ShiftInput {
  readonly evacuation: string | undefined;
  readonly me: string | undefined;
  readonly hours: number | undefined;
  readonly json: boolean;
  readonly state: string | undefined;
}

export async function showShift(io: Io, input: ShiftInput): Promise<void> {
  const { plan, state } = await loadEvacuation(io, input.evacuation, input.state);
  const root = evacuationsRoot(io, input.state);
  const now = io.clock.now();
  const who = input.me ?? engineerOf(io);
  const begin = state.evacuation?.createdAt ?? now;
  const seen = input.hours === undefined ? await lastSeen(root, plan.name, who) : undefined;
  const since = input.hours === undefined ? (seen ?? begin) : now - input.hours * 3600e3;
  const builder = new ShiftBuilder(since);
  const { state: newest } = await readState(root, plan.name, event => builder.add(event));
  const failed = Object.values(newest.steps).flatMap(({ id, status }) => (status === 'failed' ? [id] : []));
  const shift = builder.report(reportOf({ plan, state: newest }, now), new Set(failed));
  if (input.json) {
    io.out(`${JSON.stringify({ v: 1, type: 'since', who, seen: seen !== undefined, ...shift })}\n`);
    return;
  }
  io.out(
    `${harmless(headOf(shift, input.hours === undefined ? who : undefined, seen !== undefined))}\n${harmless(shift.line)}\n`,
  );
  for (const line of linesOf(shift)) io.out(`${line}\n`);
}

/** When this engineer last looked or ordered something; undefined where they never did. */
async function lastSeen(root: string, name: string, who: string): Promise<number | undefined> {
  let tally = NOBODY_LOOKED;
  let own: number | undefined;
  await readState(root, name, (event: Event) => {
    tally = tallyAway(tally, event, who);
    if (engineerIn(event.by) === who && event.type !== 'engineer.attached') own = event.at;
  });
  // Who looks on right now wants to know what was before that.
  return tally.looking > 0 ? tally.missed?.since : own;
}

function headOf({ evacuation, since, until }: ShiftReport, who: string | undefined, seen: boolean): string {
  const instant = `${new Date(since).toISOString().slice(0, 16).replace('T', ' ')} UTC, ${formatDuration(until - since)} ago`;
  if (who === undefined) return `${evacuation} since ${instant}`;
  return seen
    ? `${evacuation} since ${who} left (${instant})`
    : `${evacuation} from the beginning (${instant}): ${who} has not been here before`;
}

function* linesOf(shift: ShiftReport): Generator<string> {
  yield* section('copies', shift.copies, ({ machine, passes, sentBytes, verified, mismatches }) =>
    [
      `${machine}: ${counted(passes, 'pass', 'passes')}`,
      ...(sentBytes === 0 ? [] : [`${formatBytes(sentBytes)} sent`]),
      verified === undefined ? 'none verified' : `pass ${verified} verified`,
      ...(mismatches === 0 ? [] : [`${counted(mismatches, 'mismatch', 'mismatches')}`]),
    ].join(', '),
  );
  yield* section('proofs', shift.proofs, timed);
  yield* section('databases', shift.databases, timed);
  yield* section('cutover', shift.cutover, timed);
  yield* section('orders and notes', shift.decisions, timed);
  yield* section('failures', shift.failures, each => `${timed(each)}${each.open ? ' (open)' : ''}`);
  yield* section('course', shift.course, timed);
  yield `now: ${harmless(shift.verdict)}`;
  yield* section('to do, first things first', shift.next.slice(0, 8), ({ what, subjects, steps }) =>
    [`${subjects.join(', ')}: ${what}`, ...steps.map(step => `    ${step}`)].join('\n'),
  );
}

function* section<T>(title: string, rows: readonly T[], line: (row: T) => string): Generator<string> {
  if (rows.length === 0) return;
  yield `\n${title}`;
  for (const row of rows) yield `  ${line(row).split('\n').map(harmless).join('\n')}`;
}

const timed = ({ at, who, text }: ShiftLine): string =>
  `${new Date(at).toISOString().slice(5, 16).replace('T', ' ')} ${who === undefined || text.includes(who) ? '' : `${who}: `}${text}`;
