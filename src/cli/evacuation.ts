import { dirname } from 'node:path';
import { type Evacuated, type EvacuateOptions, evacuate, passRequests } from '../evacuation/evacuate.ts';
import { outlookOf } from '../evacuation/planner.ts';
import { ERROR_CODES } from '../foundation/errors.ts';
import { EXIT, type ExitCode } from '../foundation/exit-codes.ts';
import { createRedactor } from '../foundation/redact.ts';
import { counted } from '../foundation/units.ts';
import { listEvacuations } from '../journal/directory.ts';
import { apply } from '../journal/fold.ts';
import { readState } from '../journal/read-state.ts';
import { EMPTY_STATE, type State } from '../journal/state.ts';
import { type LoadedPlan, readPlan } from '../plan/read.ts';
import type { Plan } from '../plan/schema.ts';
import { gatesOf } from '../readiness/gates.ts';
import { isARunsBusiness } from '../readiness/run-business.ts';
import { verdictOf } from '../readiness/verdict.ts';
import { formatArgv } from '../remote/quote.ts';
import { reportOf } from '../reports/model.ts';
import { previewOf } from '../reports/preview.ts';
import { subjectOf } from '../reports/say.ts';
import { passTable, statusTable } from '../reports/text.ts';
import type { Phase, Step } from '../step/step.ts';
import type { Io } from './io.ts';
import { evacuationsRoot, planFile, shortPath } from './paths.ts';
import { formatPreview } from './preview.ts';
import { chooseWatcher } from './render/choose.ts';
import { createReportKeeper } from './report-milestones.ts';
import { createStyle } from './style.ts';
import { inAscii } from './terminal-characters.ts';
import { createTroubles } from './troubles.ts';
import { VERSION } from './version.ts';

export type ShowOptions = Pick<
  EvacuateOptions,
  | 'plan'
  | 'root'
  | 'phases'
  | 'narrow'
  | 'acceptPlan'
  | 'takeOver'
  | 'anotherPass'
  | 'due'
  | 'prove'
  | 'measure'
  | 'database'
  | 'cutover'
  | 'sshConfig'
  | 'resolver'
  | 'engine'
  | 'onEvent'
  | 'onSample'
> & { readonly json: boolean };

/** Runs an evacuation in this process while a watcher shows it. */
export async function evacuateAndShow(io: Io, options: ShowOptions): Promise<Evacuated> {
  const { json, onEvent, onSample, ...rest } = options;
  const style = createStyle(io.colour, io.unicode);
  const troubles = createTroubles(io, style, io.canAnimate && !json);
  const watcher = chooseWatcher(io, style, options.plan.plan, json);
  const place = { root: options.root, name: options.plan.plan.name, env: io.env, clock: io.clock };
  const reports = createReportKeeper(place, error => troubles.tell(error));
  try {
    return await evacuate({
      ...rest,
      agentSocket: io.env['SSH_AUTH_SOCK'],
      env: io.env,
      landfallVersion: VERSION,
      owner: io.process,
      clock: io.clock,
      random: io.random,
      redactor: createRedactor(),
      signal: io.signal,
      onEvent: (event, state) => {
        watcher.event(event, state);
        reports.event(event);
        onEvent?.(event, state);
      },
      onSample: sample => {
        watcher.sample(sample);
        onSample?.(sample);
      },
      onTrouble: error => troubles.tell(error),
    });
  } finally {
    await watcher.end();
    await reports.end();
    troubles.end();
  }
}

export interface DryRunOptions {
  readonly plan: LoadedPlan;
  readonly root: string;
  readonly json: boolean;
  readonly phases?: readonly Phase[];
  readonly narrow?: (steps: readonly Step[]) => Step[];
  /** As for a run: why another pass is asked for. */
  readonly anotherPass?: string;
}

/** Prints what a run would do; facts come from the evacuation's journal where there is one. */
export async function dryRun(io: Io, options: DryRunOptions): Promise<void> {
  const { plan } = options.plan;
  const exists = (await listEvacuations(options.root)).includes(plan.name);
  const recorded = exists ? (await readState(options.root, plan.name)).state : EMPTY_STATE;
  const view = { plan, state: asRequested(recorded, options.anotherPass, io) };
  const all = outlookOf(view, options.phases);
  const steps = options.narrow?.(all) ?? all;
  if (options.json) {
    const previewed = previewOf(steps, view);
    io.out(`${JSON.stringify({ v: 1, type: 'dry-run', evacuation: plan.name, steps: previewed })}\n`);
    return;
  }
  const known = Object.values(recorded.machines).filter(m => m.observed !== undefined).length;
  const total = Object.keys(plan.machines).length;
  const style = createStyle(io.colour, io.unicode);
  const shown = (text: string): string => (io.unicode ? text : inAscii(text));
  io.out(
    shown(
      [
        `A dry run of ${plan.name}: ${counted(steps.length, 'step')}, in order. Nothing is executed and no host is contacted.`,
        'On the source machines landfall only reads, and writes below /run/landfall; nothing is installed, stopped or restarted there.',
        'Before its first change on a host, every step checks that the host is the one that was recorded.',
        `Facts are recorded for ${known} of ${counted(total, 'machine')}${known < total ? '; ‹…› marks what inventory has yet to find' : ''}.`,
        '',
        '',
      ].join('\n'),
    ),
  );
  io.out(shown(formatPreview(steps, view, style)));
}

/** The state as it will be once the passes are asked for, by the same fold that a run uses. */
function asRequested(state: State, reason: string | undefined, io: Io): State {
  if (reason === undefined) return state;
  return passRequests(state, reason).reduce<State>(
    (now, body) =>
      apply(now, { ...body, v: 1, seq: now.lastSeq + 1, at: io.clock.now(), by: io.process.user }),
    state,
  );
}

export interface Ended {
  readonly state: State;
  readonly cancelled: boolean;
  /** The directory of the evacuation. */
  readonly directory: string;
}

/** What came of a run in this process, as `printVerdict` takes it. */
export const endedOf = ({ state, directory }: Evacuated): Ended => ({
  state,
  cancelled: wasCancelled(state),
  directory,
});

/** In the middle of its work; who ends an engine that only waits for orders cancels nothing. */
const wasCancelled = (state: State): boolean => state.evacuation?.outcome === 'cancelled';

/** The table and the verdict after a run. */
export function printVerdict(
  io: Io,
  plan: Plan,
  { state, cancelled, directory }: Ended,
  options: { readonly json: boolean; readonly passes: boolean },
): void {
  const report = reportOf({ plan, state }, io.clock.now());
  if (options.json) {
    io.out(`${JSON.stringify({ v: 1, type: 'report', report })}\n`);
    return;
  }
  if (cancelled) io.err('stopped; give the same command again and it goes on where it was\n');
  const text = { width: io.columns, unicode: io.unicode };
  if (options.passes) io.out(`\n${passTable(report, text)}\n`);
  io.out(`\n${statusTable(report, text)}\n`);
  io.out(`journal, logs and inventories: ${directory}\n`);
  io.out(`next: landfall report ${plan.name}${stateWords(io, dirname(directory))}\n`);
}

/** The option without which the next command would look for the evacuation in another place. */
function stateWords(io: Io, root: string): string {
  return root === evacuationsRoot(io, undefined) ? '' : ` --state ${formatArgv([shortPath(io, root)])}`;
}

/** What the run means for a script: failures first, then what it was for. */
export function exitOf(
  io: Io,
  plan: Plan,
  { state, outcome }: Evacuated,
  answer: () => ExitCode = () => copiesExit(io, plan, state),
): ExitCode {
  if (wasCancelled(state)) return EXIT.interrupted;
  if (outcome.failed.length === 0) return answer();
  const stuck = new Set([...outcome.failed, ...outcome.blocked].map(subjectOf));
  if (Object.keys(plan.machines).some(name => !stuck.has(name))) return EXIT.partial;
  const codes = outcome.failed.map(step => state.steps[step]?.error?.code);
  return codes.every(isAccess) ? EXIT.access : EXIT.failed;
}

/**
 * 0 where a run has done what it is for: copies that have converged and are verified. What stands in the way then is
 * not a run's to remove (a proof is ordered, a database needs more than files), and `landfall status` tells of it.
 */
function copiesExit(io: Io, plan: Plan, state: State): ExitCode {
  const { subjects, evacuation } = verdictOf(gatesOf({ plan, state }, io.clock.now()));
  const judged = evacuation === undefined ? subjects : [evacuation, ...subjects];
  const isDone = judged.every(
    ({ blocking, missing }) => missing.length === 0 && blocking.every(({ check }) => !isARunsBusiness(check)),
  );
  return isDone ? EXIT.ok : EXIT.notReady;
}

/** A journal may hold codes of other versions, so a code is looked up, not assumed. */
const isAccess = (code: string | undefined): boolean =>
  Object.entries(ERROR_CODES).some(([name, { exit }]) => name === code && exit === EXIT.access);

/** A plan to run: its deadline may have gone by only where its evacuation runs already. */
export async function readPlanToRun(io: Io, argument: string | undefined, root: string): Promise<LoadedPlan> {
  const file = await planFile(io, argument);
  const loaded = await readPlan(file, io.clock.now(), { running: true });
  return (await listEvacuations(root)).includes(loaded.plan.name) ? loaded : readPlan(file, io.clock.now());
}
