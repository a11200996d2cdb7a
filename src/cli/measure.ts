import { measureOutlookOf } from '../evacuation/planner.ts';
import { LandfallError } from '../foundation/errors.ts';
import { EXIT, type ExitCode } from '../foundation/exit-codes.ts';
import { didYouMean } from '../foundation/spelling.ts';
import { harmless } from '../foundation/text.ts';
import { counted, formatBytes, formatCount, formatDuration } from '../foundation/units.ts';
import { get } from '../journal/maps.ts';
import type { MachineState, State } from '../journal/state.ts';
import type { Plan } from '../plan/schema.ts';
import { ASCII_FIGURES, UNICODE_FIGURES } from '../reports/figures.ts';
import { previewOf } from '../reports/preview.ts';
import { layOut } from '../reports/table.ts';
import { canMeasure } from '../sync/index.ts';
import { type Errand, type ErrandInput, runErrand, runErrandHere } from './errand.ts';
import { readPlanToRun } from './evacuation.ts';
import type { Io } from './io.ts';
import { evacuationsRoot, planFile } from './paths.ts';
import { formatPreview } from './preview.ts';
import { loadEvacuation } from './recorded.ts';
import { createStyle } from './style.ts';

export interface MeasureInput extends ErrandInput {
  readonly machine: string | undefined;
  readonly state: string | undefined;
}

/** What came of one machine. */
type Result = { readonly machine: string } & (
  | {
      readonly outcome: 'measured';
      readonly files: number;
      readonly bytes: number;
      readonly deletions: number;
      readonly at: number;
    }
  | { readonly outcome: 'unmeasured'; readonly why: string }
);

/** Through the engine that runs, or with one that is started for this alone. */
export async function measureMachines(io: Io, input: MeasureInput): Promise<ExitCode> {
  const root = evacuationsRoot(io, input.state);
  const { plan, state } = await loadEvacuation(io, input.evacuation, input.state);
  return runErrand(io, input, root, plan, errandOf(io, input, plan, state));
}

/** This process is the engine, for the measurements alone. */
export async function measureHere(io: Io, input: MeasureInput): Promise<ExitCode> {
  const root = evacuationsRoot(io, input.state);
  const plan = await readPlanToRun(io, await planFile(io, input.evacuation), root);
  const { state } = await loadEvacuation(io, plan.plan.name, input.state);
  return runErrandHere(io, input, root, plan, errandOf(io, input, plan.plan, state));
}

/** Prints what the hosts would be told, in order; none is contacted. */
export async function measureDryRun(io: Io, input: MeasureInput): Promise<ExitCode> {
  const { plan, state } = await loadEvacuation(io, input.evacuation, input.state);
  const view = { plan, state };
  const steps = measureOutlookOf(view, scopeOf(plan, state, input.machine));
  if (input.json) {
    const preview = previewOf(steps, view);
    io.out(`${JSON.stringify({ v: 1, type: 'dry-run', evacuation: plan.name, steps: preview })}\n`);
    return EXIT.ok;
  }
  io.out('A dry run: nothing is executed and no host is contacted.\n\n');
  io.out(formatPreview(steps, view, createStyle(io.colour, io.unicode)));
  return EXIT.ok;
}

function errandOf(io: Io, input: MeasureInput, plan: Plan, before: State): Errand<readonly Result[]> {
  const machines = scopeOf(plan, before, input.machine);
  const after = new Map(machines.map(name => [name, get(before.machines, name)?.measured?.at]));
  const { machine } = input;
  return {
    command: { kind: 'measure', ...(machine === undefined ? {} : { machine }) },
    words: file => ['measure', file, ...(machine === undefined ? [] : [machine])],
    alone: { measure: machines },
    onLeaving: `the measurement goes on; its answer: landfall status ${plan.name}`,
    isSettled: state => machines.every(name => isSettled(state, name)),
    results: state => machines.map(name => resultOf(get(state.machines, name), name, after.get(name))),
    print: results => print(io, plan.name, results, input.json),
    verdict: results => {
      const measured = results.filter(({ outcome }) => outcome === 'measured').length;
      if (measured === results.length) return EXIT.ok;
      return measured === 0 ? EXIT.failed : EXIT.partial;
    },
  };
}

/** Answered, or stopped by a failure of itself or of what it needs. */
function isSettled(state: State, name: string): boolean {
  const machine = get(state.machines, name);
  if (machine?.measureRequested === undefined) return true;
  const failed = machine.failure?.step;
  return (
    failed !== undefined && /^(?:inventory\/|build\/|sync\/[^/]+\/(?:key|path|measure|renew))/.test(failed)
  );
}

function resultOf(machine: MachineState | undefined, name: string, before: number | undefined): Result {
  const measured = machine?.measured;
  if (measured === undefined || measured.at === before) {
    const error = machine?.failure?.error;
    return {
      machine: name,
      outcome: 'unmeasured',
      why: error === undefined ? 'it was not measured' : harmless(error.what),
    };
  }
  const { files, bytes, deletions, startedAt } = measured;
  return { machine: name, outcome: 'measured', files, bytes, deletions, at: startedAt };
}

function print(io: Io, evacuation: string, results: readonly Result[], json: boolean): void {
  if (json) {
    io.out(`${JSON.stringify({ v: 1, type: 'measured', evacuation, machines: results })}\n`);
    return;
  }
  const now = io.clock.now();
  const measured = results.filter(each => each.outcome === 'measured');
  const cell = (of: (result: Extract<Result, { outcome: 'measured' }>) => string) => (each: Result) =>
    each.outcome === 'measured' ? of(each) : '-';
  const table = layOut(
    results,
    [
      { title: 'machine', keep: 0, cell: ({ machine }) => machine },
      { title: 'would be lost', keep: 0, cell: cell(({ bytes }) => formatBytes(bytes)) },
      { title: 'files', keep: 1, cell: cell(({ files }) => formatCount(files)) },
      { title: 'deletions', keep: 2, cell: cell(({ deletions }) => formatCount(deletions)) },
      {
        title: 'as of',
        keep: 0,
        shrink: true,
        cell: each =>
          each.outcome === 'measured' ? `${formatDuration(Math.max(0, now - each.at))} ago` : each.why,
      },
    ],
    io.columns,
    io.unicode ? UNICODE_FIGURES : ASCII_FIGURES,
  );
  const missing = results.length - measured.length;
  const total = measured.reduce((sum, { bytes }) => sum + bytes, 0);
  // Nothing measured is not nothing lost.
  const said =
    measured.length === 0
      ? 'nothing could be measured'
      : `${formatBytes(total)} in files that differ, of ${counted(measured.length, 'machine')}${missing > 0 ? `; ${missing} could not be measured` : ''}`;
  io.out(`\n${table.join('\n')}\n\n${said}\n`);
}

/** The machine that is meant, or all that have a copy; refuses what the plan does not have, and what has no copy. */
function scopeOf(plan: Plan, state: State, machine: string | undefined): string[] {
  const names = Object.keys(plan.machines);
  if (machine !== undefined && !names.includes(machine))
    throw new LandfallError('usage', {
      what: `the plan has no machine called ${machine}`,
      next: [didYouMean(machine, names) ?? `it has: ${names.slice(0, 8).join(', ')}`],
    });
  const able = (machine === undefined ? names : [machine]).filter(name => canMeasure({ plan, state }, name));
  if (able.length > 0) return able;
  throw new LandfallError('command.refused', {
    what:
      machine === undefined
        ? 'no machine has a copy yet against which it could be measured'
        : `${machine} has no copy yet against which it could be measured`,
    why: 'before the first copy everything would be lost',
    next: ['let the first pass end: landfall run PLAN', `what runs: landfall status ${plan.name}`],
  });
}
