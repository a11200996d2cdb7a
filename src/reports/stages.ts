import { counted } from '../foundation/units.ts';
import type { MachineState, State } from '../journal/state.ts';
import { own, vouches } from '../readiness/copy.ts';
import { openSteps, subjectOfStep } from '../readiness/open-steps.ts';
import { proofStanding } from '../readiness/proofs.ts';
import type { Verdicts } from '../readiness/verdict.ts';
import { isTargetBuilt } from '../step/receiver.ts';
import { PHASES, type Phase, type View } from '../step/step.ts';
import { cutoverReport } from './cutover-phase.ts';
import { databaseRows } from './database-row.ts';

/** One stage of the walk. Counts are in machines; in databases for the stage of the databases. */
export interface StageReport {
  readonly phase: Phase;
  /** 1 to 8, as the rail shows it. */
  readonly number: number;
  readonly state: StageState;
  /** The state in a word or two. */
  readonly word: string;
  readonly done: number;
  readonly running: number;
  readonly failed: number;
  readonly of: number;
  /** What the word leaves out, one sentence. */
  readonly note?: string;
}

/**
 * `held`: waits for an engineer's approval. `waiting`: an evacuation runs, and other stages, the link or a resume come
 * first. `idle`: nothing runs. `to-come`: its turn has not come.
 */
export type StageState = 'done' | 'running' | 'waiting' | 'failed' | 'held' | 'to-come' | 'idle';

/** What the last stages count: they rest on gates, which are not counted here. */
export type Readiness = Pick<Verdicts, 'overall' | 'ready' | 'blocked' | 'of'>;

/**
 * The eight stages. One look at every machine and every step; depends on `plan` and on `state.machines`, `state.steps`,
 * `state.cutover` and `state.evacuation` alone, and on `now` (epoch ms) where a proof grows too old. Without `readiness` the stage `ready` says
 * that it was not counted.
 */
export function stagesOf(view: View, now: number, readiness?: Readiness): StageReport[] {
  const work = workOf(view);
  const machines = Object.keys(view.plan.machines).length;
  const reports: Record<Phase, Omit<StageReport, 'phase' | 'number'>> = {
    check: checked(view, machines),
    inventory: walked(view, 'inventory', work, machine => machine.observed !== undefined),
    build: walked(view, 'build', work, machine => isBuilt(view, machine)),
    sync: walked(view, 'sync', work, machine => vouches(machine)),
    database: databases(view, now),
    prove: proved(view, now, work),
    ready: ready(machines, readiness),
    cutover: cutover(view, machines, work),
  };
  return PHASES.map((phase, index) => ({ phase, number: index + 1, ...reports[phase] }));
}

/** A copy can arrive, and there is what would boot from it. */
const isBuilt = (view: View, { name, standby }: MachineState): boolean =>
  isTargetBuilt(view, name) && standby !== undefined;

type Work = ReadonlyMap<
  string,
  { readonly running: ReadonlySet<string>; readonly failed: ReadonlySet<string> }
>;

/** The subjects of what runs and of what has failed, by phase. */
function workOf({ state }: View): Work {
  const work = new Map<string, { running: Set<string>; failed: Set<string> }>();
  for (const { id, phase, status } of openSteps(state.steps)) {
    const here = work.get(phase) ?? { running: new Set(), failed: new Set() };
    here[status === 'failed' ? 'failed' : 'running'].add(subjectOfStep(id));
    work.set(phase, here);
  }
  return work;
}

function checked({ state }: View, of: number): Omit<StageReport, 'phase' | 'number'> {
  // A plan that does not pass the checks never becomes an evacuation.
  return state.evacuation === undefined
    ? { state: 'idle', word: 'not begun', done: 0, running: 0, failed: 0, of }
    : { state: 'done', word: 'done', done: of, running: 0, failed: 0, of };
}

/** A stage that landfall walks with every machine. A machine counts once: what fails before what runs before what is done. */
function walked(
  view: View,
  phase: Phase,
  work: Work,
  isDone: (machine: MachineState) => boolean,
): Omit<StageReport, 'phase' | 'number'> {
  const { plan, state } = view;
  const here = work.get(phase);
  const counts = { done: 0, running: 0, failed: 0, of: 0 };
  for (const name of Object.keys(plan.machines)) {
    counts.of += 1;
    const machine = own(state.machines, name);
    if (here?.failed.has(name)) counts.failed += 1;
    else if (here?.running.has(name)) counts.running += 1;
    else if (machine !== undefined && isDone(machine)) counts.done += 1;
  }
  const shared = (names: ReadonlySet<string> | undefined): string[] =>
    [...(names ?? [])].filter(name => !Object.hasOwn(plan.machines, name));
  const lost = shared(here?.failed);
  const note =
    lost.length === 0 ? {} : { note: `${counted(lost.length, 'step')} that machines share failed` };
  const beside = { failed: lost.length > 0, running: shared(here?.running).length > 0 };
  return { ...stateOf(state, phase, counts, beside), ...counts, ...note };
}

function stateOf(
  { evacuation }: State,
  phase: Phase,
  { done, running, failed, of }: { done: number; running: number; failed: number; of: number },
  beside: { readonly failed: boolean; readonly running: boolean },
): Pick<StageReport, 'state' | 'word' | 'note'> {
  if (failed > 0 || beside.failed)
    return { state: 'failed', word: failed > 0 ? `${failed} failed` : 'failed' };
  if (running > 0 || beside.running) return { state: 'running', word: 'running' };
  if (of > 0 && done === of) return { state: 'done', word: 'done' };
  if (evacuation?.held?.includes(phase)) {
    return { state: 'held', word: 'held', note: `It waits for an engineer to approve ${phase}.` };
  }
  if (evacuation?.phase !== 'running') {
    return { state: 'idle', word: done > 0 ? 'stopped' : 'not begun' };
  }
  return evacuation.paused === undefined
    ? { state: 'waiting', word: 'waiting' }
    : { state: 'waiting', word: 'paused' };
}

/** Proofs are made by order: nobody waits for one that nobody asked for. */
function proved(view: View, now: number, work: Work): Omit<StageReport, 'phase' | 'number'> {
  const { plan, state } = view;
  const here = work.get('prove');
  const counts = { done: 0, running: 0, failed: 0, of: 0 };
  let asked = 0;
  for (const name of Object.keys(plan.machines)) {
    counts.of += 1;
    const machine = own(state.machines, name);
    const { kind } = proofStanding(machine, plan.proof.max_age, now);
    if (machine?.proofRequested !== undefined) asked += 1;
    if (here?.running.has(name)) counts.running += 1;
    else if (here?.failed.has(name) || kind === 'failed') counts.failed += 1;
    else if (kind === 'proven') counts.done += 1;
  }
  const beside = { failed: false, running: false };
  const common = stateOf(state, 'prove', counts, beside);
  if (common.state === 'failed' || common.state === 'running' || common.state === 'done')
    return { ...counts, ...common, word: common.state === 'done' ? 'proven' : common.word };
  if (asked > 0) return { ...counts, ...common };
  return {
    ...counts,
    state: 'idle',
    word: counts.done > 0 ? `${counts.done} proven` : 'on order',
    note: 'A copy is booted only when somebody orders it: landfall prove.',
  };
}

/** A database is done once its copy follows, was validated, and was heard of lately. */
function databases(view: View, now: number): Omit<StageReport, 'phase' | 'number'> {
  const rows = databaseRows(view, now);
  const counts = { done: 0, running: 0, failed: 0, of: rows.length };
  if (rows.length === 0) return { state: 'idle', word: 'none', ...counts };
  for (const { status, step } of rows) {
    if (status.kind === 'bad') counts.failed += 1;
    else if (step !== undefined) counts.running += 1;
    else if (status.kind === 'ok') counts.done += 1;
  }
  const common = stateOf(view.state, 'database', counts, { failed: false, running: false });
  return { ...counts, ...common, word: common.state === 'done' ? 'in sync' : common.word };
}

/** A machine is through once its copy is committed; before somebody begins, the stage is to come. */
function cutover({ state }: View, of: number, work: Work): Omit<StageReport, 'phase' | 'number'> {
  const known = state.cutover;
  const report = cutoverReport(known);
  if (known === undefined || report === undefined)
    return {
      ...{ state: 'to-come', word: 'to come', done: 0, running: 0, failed: 0, of },
      note: 'It begins when somebody types the name of the evacuation: landfall cutover.',
    };
  const here = work.get('cutover');
  const machines = Object.values(known.machines);
  const counts = {
    done: machines.filter(each => each.committedAt !== undefined).length,
    running: machines.filter(each => each.committedAt === undefined && each.stopped !== undefined).length,
    failed: here?.failed.size ?? 0,
    of,
  };
  if (report.phase === 'committed') return { state: 'done', word: 'complete', ...counts, running: 0 };
  if (report.phase === 'rolled-back') return { state: 'idle', word: 'taken back', ...counts, running: 0 };
  if (counts.failed > 0) return { state: 'failed', word: `${counts.failed} failed`, ...counts };
  const words = { running: 'under way', aborting: 'aborting', final: 'final' };
  return { state: 'running', word: words[report.phase], ...counts };
}

function ready(of: number, readiness: Readiness | undefined): Omit<StageReport, 'phase' | 'number'> {
  if (readiness === undefined)
    return { state: 'idle', word: 'not counted', done: 0, running: 0, failed: 0, of };
  const counts = { done: readiness.ready, running: 0, failed: readiness.blocked, of: readiness.of };
  if (readiness.overall === 'ready') return { state: 'done', word: 'ready as checked', ...counts };
  return readiness.blocked > 0
    ? { state: 'failed', word: `${readiness.blocked} blocked`, ...counts }
    : { state: 'waiting', word: 'unproven', ...counts };
}
