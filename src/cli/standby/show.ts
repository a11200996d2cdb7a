import { EXIT, type ExitCode } from '../../foundation/exit-codes.ts';
import { harmless } from '../../foundation/text.ts';
import { counted, formatDuration } from '../../foundation/units.ts';
import { openEvacuationDirectory } from '../../journal/directory.ts';
import { inspectLock } from '../../journal/lock.ts';
import { get } from '../../journal/maps.ts';
import { type Cadence, cadences } from '../../pace/cadence.ts';
import { finalPass } from '../../pace/final-pass.ts';
import { roundTime } from '../../pace/round-time.ts';
import { ASCII_FIGURES, UNICODE_FIGURES } from '../../reports/figures.ts';
import { layOut } from '../../reports/table.ts';
import type { View } from '../../step/step.ts';
import type { Io } from '../io.ts';
import { evacuationsRoot } from '../paths.ts';
import { loadEvacuation } from '../recorded.ts';

export interface StandbyInput {
  readonly evacuation: string | undefined;
  readonly json: boolean;
  readonly state: string | undefined;
}

/** When the next pass of each machine is due, and who is late; contacts no host. 3 where one is late. */
export async function showStandby(io: Io, input: StandbyInput): Promise<ExitCode> {
  const { plan, state } = await loadEvacuation(io, input.evacuation, input.state);
  const view = { plan, state };
  const now = io.clock.now();
  const all = cadences(view, now);
  const engine = await engineOf(evacuationsRoot(io, input.state), plan.name);
  if (input.json) {
    const machines = all.map(each => rowOf(view, each, now));
    io.out(`${JSON.stringify({ v: 1, type: 'standby', evacuation: plan.name, engine, machines })}\n`);
  } else {
    io.out(`${tableOf(io, view, all, now)}\n\n`);
    io.out(`${verdictOf(all)}\n`);
    if (!engine.runs)
      io.out(
        'no engine runs for it here: what is due is made by "landfall standby PLAN once", a timer ("landfall standby PLAN install"), or an engine that stays ("landfall run PLAN --foreground --stay")\n',
      );
  }
  return exitOfStandby(all);
}

export const exitOfStandby = (all: readonly Cadence[]): ExitCode =>
  all.some(({ late }) => late !== undefined) ? EXIT.notReady : EXIT.ok;

/** Whether an engine holds the evacuation: it keeps the schedule by itself. */
export async function engineOf(
  root: string,
  name: string,
): Promise<{ readonly runs: boolean; readonly pid?: number; readonly host?: string }> {
  const { lockPath } = await openEvacuationDirectory(root, name);
  const held = await inspectLock(lockPath);
  if (held?.record === undefined || held.verdict.holder === 'ended') return { runs: false };
  return { runs: true, pid: held.record.pid, host: held.record.host };
}

/** As `--json` gives it: what is known of the cadence, and when the machine was last compared. */
function rowOf(view: View, cadence: Cadence, now: number) {
  const verified = get(view.state.machines, cadence.machine)?.verified;
  const final = finalPass(view, cadence.machine, now);
  return {
    ...cadence,
    ...(verified === undefined ? {} : { verifiedAt: verified.at, verifiedPass: verified.pass }),
    ...(final === undefined ? {} : { finalPass: final }),
  };
}

/** One sentence for everybody: who is late first, because that is what one came to see. */
export function verdictOf(all: readonly Cadence[]): string {
  const late = all.filter(each => each.late !== undefined);
  const kept = all.filter(({ standing }) => standing === 'kept' || standing === 'working');
  const tight = all.filter(each => each.tight !== undefined);
  return [
    ...late.map(({ machine, late: by }) => harmless(`LATE: ${machine}: ${by?.why ?? ''}`)),
    ...tight.map(each => harmless(`${each.machine}: ${each.tight ?? ''}`)),
    late.length === 0
      ? `${counted(kept.length, 'machine')} of ${all.length} kept fresh, none is late`
      : `${late.length} of ${all.length} late`,
  ].join('\n');
}

const STANDING: Readonly<Record<Cadence['standing'], string>> = {
  before: 'first copies',
  kept: 'kept fresh',
  working: 'pass or comparison',
  held: 'held back',
  over: 'cut over',
};

function tableOf(io: Io, view: View, all: readonly Cadence[], now: number): string {
  const figures = io.unicode ? UNICODE_FIGURES : ASCII_FIGURES;
  const since = (at: number | undefined): string =>
    at === undefined ? '-' : `${formatDuration(Math.max(0, now - at))} ago`;
  return layOut(
    all,
    [
      { title: 'machine', keep: 0, shrink: true, cell: ({ machine }) => harmless(machine) },
      {
        title: 'tier',
        keep: 5,
        cell: ({ machine }) => harmless(get(view.plan.machines, machine)?.tier ?? ''),
      },
      { title: 'state', keep: 1, cell: ({ standing }) => STANDING[standing] },
      { title: 'next pass', keep: 0, cell: each => nextIn(each, now) },
      { title: 'good copy of', keep: 2, cell: each => since(each.since) },
      {
        title: 'compared',
        keep: 4,
        cell: ({ machine }) => since(get(view.state.machines, machine)?.verified?.at),
      },
      { title: 'RPO', keep: 3, cell: ({ rpoMs }) => (rpoMs === undefined ? '-' : roundTime(rpoMs)) },
      { title: 'why', keep: 6, shrink: true, cell: ({ why }) => harmless(why ?? '-') },
    ],
    io.columns,
    figures,
  ).join('\n');
}

/** `in 4m10s`, `now`, `late by 12m00s`. */
export function nextIn({ dueAt, late }: Pick<Cadence, 'dueAt' | 'late'>, now: number): string {
  if (late !== undefined) return `late by ${formatDuration(late.ms)}`;
  if (dueAt === undefined) return '-';
  return dueAt <= now ? 'now' : `in ${formatDuration(dueAt - now)}`;
}
