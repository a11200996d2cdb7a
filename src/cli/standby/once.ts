import { retryAt } from '../../evacuation/schedule.ts';
import { LandfallError } from '../../foundation/errors.ts';
import { EXIT, type ExitCode } from '../../foundation/exit-codes.ts';
import { harmless } from '../../foundation/text.ts';
import { formatDuration } from '../../foundation/units.ts';
import { listEvacuations } from '../../journal/directory.ts';
import { get } from '../../journal/maps.ts';
import { readState } from '../../journal/read-state.ts';
import { type Cadence, cadences } from '../../pace/cadence.ts';
import { heldBack, isSparedOnly } from '../../pace/held-back.ts';
import type { LoadedPlan } from '../../plan/read.ts';
import type { View } from '../../step/step.ts';
import { dryRun, evacuateAndShow, exitOf, readPlanToRun } from '../evacuation.ts';
import type { Io } from '../io.ts';
import { evacuationsRoot, sshConfigOption } from '../paths.ts';
import { intervalOf } from './interval.ts';
import { engineOf, exitOfStandby, type StandbyInput, verdictOf } from './show.ts';

export interface OnceInput extends StandbyInput {
  readonly sshConfig: string | undefined;
  readonly dryRun: boolean;
  /** What falls due within this time counts as due, ms: nobody looks again before. */
  readonly within: number | undefined;
}

/**
 * One cycle: makes everything that is due, once, in this process, and goes on with copies that are not complete yet. Where
 * an engine runs it keeps the schedule itself, and this only says how it stands.
 */
export async function standbyOnce(io: Io, input: OnceInput): Promise<ExitCode> {
  const root = evacuationsRoot(io, input.state);
  const plan = await readPlanToRun(io, input.evacuation, root);
  const { name } = plan.plan;
  if (!(await listEvacuations(root)).includes(name)) throw notBegun(name);
  const { state } = await readState(root, name);
  const view = { plan: plan.plan, state };
  const now = io.clock.now();
  const engine = await engineOf(root, name);
  if (engine.runs) {
    if (!input.json)
      io.err(`an engine runs for ${name} (process ${engine.pid}) and makes what is due by itself\n`);
    return told(io, input, view, now);
  }
  const due = dueOf(view, now, input.within ?? intervalOf(plan.plan) * 1000);
  if (due.length === 0 && !hasWork(view, now)) {
    const next = Math.min(...cadences(view, now).flatMap(({ dueAt }) => dueAt ?? []));
    if (!input.json && Number.isFinite(next))
      io.err(`nothing is due; the next pass is, in ${formatDuration(Math.max(0, next - now))}\n`);
    return told(io, input, view, now);
  }
  return input.dryRun ? preview(io, input, plan, root) : run(io, input, plan, root, due);
}

type DuePass = { readonly machine: string; readonly reason: string };

/**
 * Whose pass falls due before somebody looks again. One that was stopped for the sake of production is among them: its pass
 * waits until the engine of this cycle has seen the source calm, and without one nobody would ever look.
 */
export function dueOf(view: View, now: number, within: number): DuePass[] {
  return cadences(view, now).flatMap(({ standing, dueAt, machine, why }) =>
    (standing === 'kept' || (standing === 'held' && isSparedOnly(view, machine))) &&
    dueAt !== undefined &&
    dueAt <= now + within
      ? [{ machine, reason: standing === 'held' ? 'it is due' : (why ?? 'it is due') }]
      : [],
  );
}

/**
 * Copies that are not complete, and passes that were cut off or failed a while ago: a cycle goes on with them. A first copy
 * that failed waits for its engineer.
 */
function hasWork(view: View, now: number): boolean {
  return cadences(view, now).some(cadence => {
    const { standing, machine } = cadence;
    if (heldBack(view, machine) !== undefined && !isSparedOnly(view, machine)) return false;
    const hasFailed = get(view.state.machines, machine)?.failure !== undefined;
    if (standing === 'before') return !hasFailed;
    return standing === 'working' && (!hasFailed || (retryAt(view, cadence) ?? now) <= now);
  });
}

async function run(
  io: Io,
  input: OnceInput,
  plan: LoadedPlan,
  root: string,
  due: readonly DuePass[],
): Promise<ExitCode> {
  const evacuated = await evacuateAndShow(io, {
    ...{ plan, root, json: input.json, due },
    sshConfig: sshConfigOption(io, input.sshConfig),
    engine: { until: 'done' },
  });
  const view = { plan: plan.plan, state: evacuated.state };
  return exitOf(io, plan.plan, evacuated, () => told(io, input, view, io.clock.now()));
}

async function preview(io: Io, input: OnceInput, plan: LoadedPlan, root: string): Promise<ExitCode> {
  await dryRun(io, { plan, root, json: input.json, phases: ['inventory', 'sync'], anotherPass: 'it is due' });
  return EXIT.ok;
}

/** Results on stdout; who is late on stderr as well, so that cron mails it. */
function told(io: Io, { json }: OnceInput, view: View, now: number): ExitCode {
  const all: Cadence[] = cadences(view, now);
  if (json)
    io.out(`${JSON.stringify({ v: 1, type: 'standby', evacuation: view.plan.name, machines: all })}\n`);
  else io.out(`${verdictOf(all)}\n`);
  if (json)
    for (const { machine, late } of all)
      if (late !== undefined) io.err(`${harmless(`LATE: ${machine}: ${late.why}`)}\n`);
  return exitOfStandby(all);
}

const notBegun = (name: string): LandfallError =>
  new LandfallError('state.absent', {
    what: `${name} has not begun: there are no copies that could be kept fresh`,
    next: [
      'landfall run PLAN   builds and copies',
      'landfall standby PLAN once   keeps them fresh afterwards',
    ],
  });
