import { proofOutlookOf } from '../evacuation/planner.ts';
import { LandfallError } from '../foundation/errors.ts';
import { EXIT, type ExitCode } from '../foundation/exit-codes.ts';
import { didYouMean } from '../foundation/spelling.ts';
import type { State } from '../journal/state.ts';
import type { Plan } from '../plan/schema.ts';
import { dueProof, hasCopy, proofStepId } from '../prove/index.ts';
import { previewOf } from '../reports/preview.ts';
import { type Errand, runErrand, runErrandHere } from './errand.ts';
import { readPlanToRun } from './evacuation.ts';
import type { Io } from './io.ts';
import { evacuationsRoot, planFile } from './paths.ts';
import { formatPreview } from './preview.ts';
import { loadEvacuation } from './recorded.ts';
import { formatProofs, type ProofResult, proofResults } from './render/proof-results.ts';
import { createStyle } from './style.ts';

export interface ProveInput {
  /** A plan file, or the name of an evacuation. */
  readonly evacuation: string | undefined;
  readonly machine: string | undefined;
  readonly reason: string | undefined;
  readonly json: boolean;
  readonly state: string | undefined;
  readonly sshConfig: string | undefined;
}

const REASON = 'ordered by the engineer';

/**
 * Boots overlays of the replicas and tells what came of it: through the engine that runs, or with one that is started
 * for this alone. 0 where all are proven, 3 where a copy did not prove itself.
 */
export async function proveMachines(io: Io, input: ProveInput): Promise<ExitCode> {
  const root = evacuationsRoot(io, input.state);
  const { plan, state } = await loadEvacuation(io, input.evacuation, input.state);
  return runErrand(io, input, root, plan, errandOf(io, input, plan, state));
}

/** Prints what would be done: what the hosts would be told, in order; none is contacted. */
export async function proveDryRun(io: Io, input: ProveInput): Promise<ExitCode> {
  const { plan, state } = await loadEvacuation(io, input.evacuation, input.state);
  const machines = scopeOf(plan, state, input.machine);
  const view = { plan, state };
  const steps = proofOutlookOf(view, machines);
  if (input.json) {
    io.out(
      `${JSON.stringify({ v: 1, type: 'dry-run', evacuation: plan.name, steps: previewOf(steps, view) })}\n`,
    );
    return EXIT.ok;
  }
  io.out('A dry run: nothing is executed and no host is contacted. The replica itself is never booted.\n\n');
  io.out(formatPreview(steps, view, createStyle(io.colour, io.unicode)));
  return EXIT.ok;
}

/** This process is the engine, for the proofs alone. */
export async function proveHere(io: Io, input: ProveInput): Promise<ExitCode> {
  const root = evacuationsRoot(io, input.state);
  const plan = await readPlanToRun(io, await planFile(io, input.evacuation), root);
  const { state } = await loadEvacuation(io, plan.plan.name, input.state);
  return runErrandHere(io, input, root, plan, errandOf(io, input, plan.plan, state));
}

function errandOf(io: Io, input: ProveInput, plan: Plan, before: State): Errand<readonly ProofResult[]> {
  const { machine, reason } = input;
  const machines = scopeOf(plan, before, machine);
  const after = provenUpTo(before, machines);
  return {
    command: {
      kind: 'prove',
      ...(machine === undefined ? {} : { machine }),
      ...(reason === undefined ? {} : { reason }),
    },
    words: file => [
      ...['prove', file, ...(machine === undefined ? [] : [machine])],
      ...(reason === undefined ? [] : ['--reason', reason]),
    ],
    alone: { prove: { machines, reason: reason ?? REASON } },
    onLeaving: `the proofs go on; see them again: landfall attach ${plan.name}`,
    isSettled: state => machines.every(each => isSettled(state, each)),
    results: state => proofResults(state, machines, after),
    print: results => print(io, plan.name, results, input.json),
    verdict: verdictExit,
  };
}

/** Nothing more comes by itself: its proof has ended, or could not be run. */
function isSettled(state: State, machine: string): boolean {
  const number = dueProof({ state }, machine);
  if (number === undefined) return true;
  if (state.steps[proofStepId(machine, number)]?.status === 'failed') return true;
  const failed = state.machines[machine]?.failure?.step;
  return failed !== undefined && /^(?:inventory|build)\//.test(failed);
}

function verdictExit(results: readonly ProofResult[]): ExitCode {
  if (results.some(({ outcome }) => outcome === 'failed')) return EXIT.notReady;
  if (results.every(({ outcome }) => outcome === 'proven')) return EXIT.ok;
  return results.some(({ outcome }) => outcome === 'proven') ? EXIT.partial : EXIT.failed;
}

function print(io: Io, name: string, results: readonly ProofResult[], json: boolean): void {
  if (json) io.out(`${JSON.stringify({ v: 1, type: 'proofs', evacuation: name, machines: results })}\n`);
  else io.out(`\n${formatProofs(results, name, createStyle(io.colour, io.unicode))}`);
}

/** The machine that is meant, or all that have a copy; refuses what the plan does not have, and what cannot boot yet. */
function scopeOf(plan: Plan, state: State, machine: string | undefined): string[] {
  const names = Object.keys(plan.machines);
  if (machine !== undefined && !names.includes(machine))
    throw new LandfallError('usage', {
      what: `the plan has no machine called ${machine}`,
      next: [didYouMean(machine, names) ?? `it has: ${names.slice(0, 8).join(', ')}`],
    });
  const able = (machine === undefined ? names : [machine]).filter(name => hasCopy({ state }, name));
  if (able.length > 0) return able;
  throw new LandfallError('prove.impossible', {
    what:
      machine === undefined
        ? 'no machine has a complete copy yet that could boot'
        : `${machine} has no complete copy yet that could boot`,
    next: [
      'let the first pass end: landfall run PLAN',
      `see what stands in the way: landfall status ${plan.name}`,
    ],
  });
}

/** The number of the newest ended proof of each machine: what counts is what comes after. */
const provenUpTo = (state: State, machines: readonly string[]): Record<string, number> =>
  Object.fromEntries(
    machines.map(machine => [
      machine,
      Math.max(
        0,
        ...(state.machines[machine]?.proofs ?? []).flatMap(each =>
          each.ended === undefined ? [] : [each.proof],
        ),
      ),
    ]),
  );
