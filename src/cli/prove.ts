import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { attach } from '../evacuation/engine/client.ts';
import { proofOutlookOf } from '../evacuation/planner.ts';
import { LandfallError } from '../foundation/errors.ts';
import { EXIT, type ExitCode } from '../foundation/exit-codes.ts';
import { didYouMean } from '../foundation/spelling.ts';
import { harmless } from '../foundation/text.ts';
import { listEvacuations, openEvacuationDirectory } from '../journal/directory.ts';
import { inspectLock } from '../journal/lock.ts';
import { readState } from '../journal/read-state.ts';
import type { State } from '../journal/state.ts';
import type { LoadedPlan } from '../plan/read.ts';
import type { Plan } from '../plan/schema.ts';
import { dueProof, hasCopy, proofStepId } from '../prove/index.ts';
import { previewOf } from '../reports/preview.ts';
import { launchEngine } from './engine-launch.ts';
import { clientOf } from './engineer.ts';
import { evacuateAndShow, exitOf, readPlanToRun } from './evacuation.ts';
import { followToTheEnd } from './follow.ts';
import type { Io } from './io.ts';
import { evacuationsRoot, planFile, sshConfigOption } from './paths.ts';
import { formatPreview } from './preview.ts';
import { loadEvacuation } from './recorded.ts';
import { chooseWatcher } from './render/choose.ts';
import { linesWatcher } from './render/lines.ts';
import { ndjsonWatcher } from './render/ndjson.ts';
import { formatProofs, type ProofResult, proofResults } from './render/proof-results.ts';
import { createStyle } from './style.ts';
import { errorOf } from './told-error.ts';
import { VERSION } from './version.ts';

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
  const machines = scopeOf(plan, state, input.machine);
  const after = provenUpTo(state, machines);
  return (await isRunning(root, plan.name))
    ? proveThroughEngine(io, input, root, plan, machines, after)
    : proveAlone(io, input, root, machines, after);
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
  const machines = scopeOf(plan.plan, state, input.machine);
  const after = provenUpTo(state, machines);
  const evacuated = await evacuateAndShow(io, {
    ...{ plan, root, json: input.json, sshConfig: sshConfigOption(io, input.sshConfig) },
    prove: { machines, reason: input.reason ?? REASON },
    engine: { until: 'done' },
  });
  const results = proofResults(evacuated.state, machines, after);
  print(io, plan.plan.name, results, input.json);
  return exitOf(io, plan.plan, evacuated, () => verdictExit(results));
}

async function proveAlone(
  io: Io,
  input: ProveInput,
  root: string,
  machines: readonly string[],
  after: Readonly<Record<string, number>>,
): Promise<ExitCode> {
  const plan = await planToRun(io, input, root);
  const { name } = plan.plan;
  const { lastSeq } = (await readState(root, name)).state;
  const sshConfig = sshConfigOption(io, input.sshConfig);
  const engine = await launchEngine(io, {
    root,
    name,
    words: [
      ...['prove', plan.file, ...(input.machine === undefined ? [] : [input.machine])],
      ...['--foreground', '--detached', '--state', root],
      ...(sshConfig === undefined ? [] : ['--ssh-config', sshConfig]),
      ...(input.reason === undefined ? [] : ['--reason', input.reason]),
    ],
  });
  const watcher = chooseWatcher(io, createStyle(io.colour, io.unicode), plan.plan, input.json);
  const followed = await followToTheEnd(io, engine, { root, name, watcher, after: lastSeq }).finally(() =>
    watcher.end(),
  );
  if (followed === undefined) return EXIT.interrupted;
  print(io, name, proofResults(followed.state, machines, after), input.json);
  return followed.code;
}

/** A name alone does not tell where the plan lies whose ssh_config and secrets an engine would need. */
async function planToRun(io: Io, input: ProveInput, root: string): Promise<LoadedPlan> {
  const { evacuation } = input;
  if (evacuation !== undefined && !existsSync(resolve(io.cwd, evacuation)))
    throw new LandfallError('engine.absent', {
      what: `no engine runs for ${evacuation}, and a name alone does not tell where its plan is`,
      next: [
        `landfall prove PLAN${input.machine === undefined ? '' : ` ${input.machine}`}   starts one for this`,
      ],
    });
  return readPlanToRun(io, await planFile(io, evacuation), root);
}

async function proveThroughEngine(
  io: Io,
  input: ProveInput,
  root: string,
  plan: Plan,
  machines: readonly string[],
  after: Readonly<Record<string, number>>,
): Promise<ExitCode> {
  const { name } = plan;
  const style = createStyle(io.colour, io.unicode);
  const watcher = input.json ? ndjsonWatcher(io) : linesWatcher(io, style);
  const over = Promise.withResolvers<'bye' | 'left' | 'ended'>();
  io.sayOnInterrupt(`the proofs go on; see them again: landfall attach ${name}`);
  io.signal.addEventListener('abort', () => over.resolve('left'), { once: true });
  let isOrdered = false;
  const look = (state: State): void => {
    if (isOrdered && machines.every(machine => isSettled(state, machine))) over.resolve('ended');
  };
  const session = await attach({
    ...{ root, name, landfall: VERSION, ...clientOf(io, 'cli') },
    onEvent: (event, state) => {
      watcher.event(event, state);
      look(state);
    },
    onSample: sample => watcher.sample(sample),
    onBye: () => over.resolve('bye'),
  });
  let results: ProofResult[];
  try {
    const reply = await session.send({
      kind: 'prove',
      ...(input.machine === undefined ? {} : { machine: input.machine }),
      ...(input.reason === undefined ? {} : { reason: input.reason }),
    });
    if (!reply.ok) throw errorOf(reply.error);
    if (!input.json) io.err(`${harmless(reply.said)}\n`);
    isOrdered = true;
    look(session.snapshot().state);
    const how = io.signal.aborted ? 'left' : await over.promise;
    if (how === 'left') return EXIT.interrupted;
    // An engine that is gone may have written more than it could still tell.
    const { state } = how === 'bye' ? await readState(root, name) : session.snapshot();
    results = proofResults(state, machines, after);
  } finally {
    await session.close();
    await watcher.end();
  }
  print(io, name, results, input.json);
  return verdictExit(results);
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

async function isRunning(root: string, name: string): Promise<boolean> {
  if (!(await listEvacuations(root)).includes(name)) return false;
  const { lockPath } = await openEvacuationDirectory(root, name);
  return (await inspectLock(lockPath))?.verdict.holder === 'alive';
}
