import { dirname, join } from 'node:path';
import { LandfallError } from '../../foundation/errors.ts';
import { EXIT, type ExitCode } from '../../foundation/exit-codes.ts';
import { parseRate } from '../../foundation/units.ts';
import { listEvacuations, openEvacuationDirectory } from '../../journal/directory.ts';
import type { Event } from '../../journal/events.ts';
import { inspectLock } from '../../journal/lock.ts';
import { lockHeld } from '../../journal/lock-refusal.ts';
import { readState } from '../../journal/read-state.ts';
import type { State } from '../../journal/state.ts';
import type { LabClient } from '../../lab/client.ts';
import { readPlan } from '../../plan/read.ts';
import type { Sample } from '../../step/step.ts';
import { endedOf, evacuateAndShow, exitOf, printVerdict } from '../evacuation.ts';
import type { Io } from '../io.ts';
import { evacuationsRoot } from '../paths.ts';
import { createStyle } from '../style.ts';
import { armFaults, type WantedFault } from './faults.ts';

export interface RehearsalInput {
  readonly fault: readonly WantedFault[];
  readonly machines?: readonly string[] | undefined;
  readonly seed: number;
  readonly scale: number;
  readonly link: string;
  readonly lab?: string | undefined;
  readonly keep: boolean;
  readonly json: boolean;
  readonly state?: string | undefined;
}

/** The reason of the last pass; a journal that holds it was past the first half of its rehearsal. */
const LAST_PASS = 'the writer of the lab has stopped';

/**
 * From nothing to a verdict: a lab, its evacuation while a writer changes files, and, when the writer has stopped, one
 * more pass and the comparison of every file. A rehearsal that was interrupted is taken up where it was.
 */
export async function runRehearsal(io: Io, input: RehearsalInput): Promise<ExitCode> {
  const linkBytesPerSecond = parseRate(input.link);
  if (linkBytesPerSecond === undefined) {
    throw new LandfallError('usage', {
      what: `"${input.link}" is no rate`,
      next: ['write it like --link "400 Mbit/s"'],
    });
  }
  const root = evacuationsRoot(io, input.state);
  const { name, state } = await chooseRehearsal(root);
  const directory = input.lab ?? join(dirname(root), 'labs', name);
  const [{ openLab }, { MACHINE_NAMES }] = await Promise.all([
    import('../../lab/client.ts'),
    import('../../lab/machine-names.ts'),
  ]);
  requireKnown(input, MACHINE_NAMES);
  await refuseSecond(io, root, name);
  io.err(`LAB: two simulated sites in ${directory}${state === undefined ? '' : ' (taken up again)'}\n`);
  const lab = await openLab(directory, {
    name,
    seed: input.seed,
    scale: input.scale,
    linkBytesPerSecond,
    ...(input.machines === undefined ? {} : { machines: input.machines }),
    node: io.node,
    clock: io.clock,
    signal: io.signal,
  });
  let isOurs = true;
  try {
    return await evacuateLab(io, input, lab, root, state);
  } catch (error) {
    // Whoever holds the evacuation works with this lab right now.
    isOurs = !(error instanceof LandfallError && error.code === 'state.locked');
    throw error;
  } finally {
    if (input.keep) {
      io.err(
        `the simulated hosts go on: ssh -F ${lab.paths.sshConfig} web1 COMMAND\n` +
          `they end when nobody has used them for 15 minutes, or now: kill ${lab.pid}\n`,
      );
    }
    if (input.keep || !isOurs) lab.close();
    else await lab.shutdown();
  }
}

/** Before a lab is opened: a rehearsal that runs already must keep its lab. */
async function refuseSecond(io: Io, root: string, name: string): Promise<void> {
  if (!(await listEvacuations(root)).includes(name)) return;
  const { lockPath } = await openEvacuationDirectory(root, name);
  const held = await inspectLock(lockPath);
  if (held?.verdict.holder === 'alive') {
    throw lockHeld(lockPath, held.record, held.verdict, io.clock.now());
  }
}

async function evacuateLab(
  io: Io,
  input: RehearsalInput,
  lab: LabClient,
  root: string,
  before: State | undefined,
): Promise<ExitCode> {
  const plan = await readPlan(lab.paths.plan, io.clock.now(), { running: true });
  const faults = armFaults(lab, input.fault, io);
  const options = {
    plan,
    root,
    json: input.json,
    onEvent: (event: Event) => faults.event(event),
    onSample: (sample: Sample) => faults.sample(sample),
  };
  if (before === undefined || !isInSecondHalf(before)) {
    await lab.writer.resume();
    const first = await evacuateAndShow(io, options);
    if (first.outcome.cancelled || first.outcome.failed.length > 0) {
      printVerdict(io, plan.plan, endedOf(first), { json: input.json, passes: true });
      return exitOf(io, plan.plan, first);
    }
  }
  await lab.writer.stop();
  io.err('LAB: the writer has stopped; one more pass, then every file is compared\n');
  const last = await evacuateAndShow(io, { ...options, anotherPass: LAST_PASS });
  printVerdict(io, plan.plan, endedOf(last), { json: input.json, passes: true });
  const missed = await faults.settled();
  for (const fault of missed) io.err(`LAB: the fault ${fault} met nothing that it could strike\n`);
  const violations = await lab.violations();
  for (const violation of violations)
    io.err(`LAB: the source was asked for something that changes it: ${violation}\n`);
  if (!input.json) await showTrees(io, lab);
  return violations.length + missed.length > 0 ? EXIT.failed : exitOf(io, plan.plan, last);
}

function requireKnown(input: RehearsalInput, known: readonly string[]): void {
  const named = [...(input.machines ?? []), ...input.fault.flatMap(fault => fault.machine ?? [])];
  const unknown = named.find(name => !known.includes(name));
  if (unknown === undefined) return;
  throw new LandfallError('usage', {
    what: `the lab has no machine called "${unknown}"`,
    next: [`there are: ${known.join(', ')}`],
  });
}

const isInSecondHalf = (state: State): boolean =>
  Object.values(state.machines).some(
    machine =>
      machine.requested?.reason === LAST_PASS || machine.passes.some(pass => pass.reason === LAST_PASS),
  );

/** The unfinished rehearsal, or the next number. */
async function chooseRehearsal(root: string): Promise<{ name: string; state: State | undefined }> {
  const numbers = (await listEvacuations(root))
    .flatMap(name => /^rehearsal-(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
  const last = numbers.at(-1);
  if (last === undefined) return { name: 'rehearsal-1', state: undefined };
  const { state } = await readState(root, `rehearsal-${last}`);
  return isFinished(state)
    ? { name: `rehearsal-${last + 1}`, state: undefined }
    : { name: `rehearsal-${last}`, state };
}

/** Every machine had its last pass, and that pass was compared. */
function isFinished(state: State): boolean {
  const names = state.evacuation?.machines ?? [];
  return (
    names.length > 0 &&
    names.every(name => {
      const machine = state.machines[name];
      const last = machine?.passes.at(-1);
      return last?.reason === LAST_PASS && machine?.verified?.pass === last.pass;
    })
  );
}

/** Where both sides lie, so that the engineer need not believe landfall. */
async function showTrees(io: Io, lab: LabClient): Promise<void> {
  const style = createStyle(io.colour, io.unicode);
  io.out('\nCompare them yourself; no output means that they are identical:\n');
  for (const tree of await lab.trees()) {
    if (tree.replicaDirectory === undefined) continue;
    io.out(
      style.dim(
        `  rsync -aHAXnic --delete ${tree.sourceDirectory}/ ${tree.replicaDirectory}/   # ${tree.machine}:${tree.mountpoint}\n`,
      ),
    );
  }
}
