import { stepsOf } from '../../src/evacuation/planner.ts';
import type { Event } from '../../src/journal/events.ts';
import type { LabClient } from '../../src/lab/client.ts';
import { hindsight } from '../../src/sync/index.ts';
import type { Prepared } from './prepared.ts';

/** What one contender took over the whole fleet. Times in ms from the first byte on. */
export interface Measured {
  readonly firstMs: number;
  /** Bytes that were new in the first copies. */
  readonly firstBytes: number;
  /** Absent where it never came so far. */
  readonly convergedMs: number | undefined;
  /** The most rounds that a machine needed. */
  readonly rounds: number;
  /** A round with nothing to do. */
  readonly noopMs: number;
  /** A round after each machine has written `writtenBytes` of random bytes into a new file. */
  readonly writtenMs: number;
  readonly writtenBytes: number;
  /** Machines that moved by their blocks, and why the others did not. */
  readonly byBlocks?: readonly string[];
  readonly notByBlocks?: Readonly<Record<string, string>>;
  /** What comparing all contents took after it, where that is done. */
  readonly verifiedMs?: number;
  /** Relative errors of the forecasts, by pass. */
  readonly forecasts?: readonly { readonly pass: number; readonly errors: readonly number[] }[];
}

/** The very steps of a run, conducted with its budgets, from the first pass to the comparison of contents. */
export async function measureLandfall(
  lab: LabClient,
  prepared: Prepared,
  writtenBytes: number,
): Promise<Measured> {
  const machines = Object.keys(prepared.view.plan.machines);
  const times = { began: performance.now(), first: 0, converged: 0 };
  const firsts = new Set<string>();
  prepared.onEvent((event: Event) => {
    const now = performance.now();
    if (event.type === 'pass.ended' && !firsts.has(event.machine)) {
      firsts.add(event.machine);
      times.first = now;
    }
    if (event.type === 'pass.judged') times.converged = now;
  });
  await prepared.conduct(view => stepsOf(view, ['inventory', 'build', 'sync']));
  const done = performance.now();
  const { began, first, converged: settled } = times;
  const { state } = prepared.view;
  const passes = machines.map(machine => state.machines[machine]?.passes ?? []);
  const converged = passes.every(of => of.at(-1)?.judged?.verdict === 'converged');
  const firstBytes = passes.reduce(
    (sum, of) => sum + (of[0]?.ended?.runs ?? []).reduce((bytes, run) => bytes + run.literalBytes, 0),
    0,
  );

  await lab.writer.stop();
  await round(prepared, machines, 'what the writer left');
  const noopMs = await round(prepared, machines, 'nothing to do');
  await writeOn(prepared, machines, writtenBytes);
  const writtenMs = await round(prepared, machines, 'what was written');
  return {
    ...movedBy(prepared, machines),
    ...{ writtenMs, writtenBytes: writtenBytes * machines.length },
    firstMs: first - began,
    firstBytes,
    convergedMs: converged ? settled - began : undefined,
    rounds: Math.max(...passes.map(of => of.length)),
    noopMs,
    verifiedMs: Math.max(0, done - settled),
    forecasts: errorsOf(passes.map(of => hindsight(of))),
  };
}

/** Random bytes into a new file of each machine: what every contender has to bring, and no compression makes smaller. */
export async function writeOn(prepared: Prepared, machines: readonly string[], bytes: number): Promise<void> {
  const script = 'umask 077; head -c "$1" /dev/urandom > "$HOME/bench-written" && sync';
  for (const machine of machines)
    await (await prepared.host(machine)).exec(['sh', '-c', script, 'sh', String(bytes)]);
}

/** Who moved by blocks in the end: a row of the table that moved files must not pass for one of blocks. */
function movedBy(
  { view }: Prepared,
  machines: readonly string[],
): Pick<Measured, 'byBlocks' | 'notByBlocks'> {
  const last = (machine: string) => view.state.machines[machine]?.passes.at(-1)?.mover;
  const others = machines.filter(machine => last(machine) !== 'blocks');
  return {
    byBlocks: machines.filter(machine => last(machine) === 'blocks'),
    notByBlocks: Object.fromEntries(
      others.map(machine => [machine, view.state.machines[machine]?.mover?.reasons.join('; ') ?? 'planned']),
    ),
  };
}

/** One pass of every machine, from the order to the last end, without the comparison of contents. */
async function round(prepared: Prepared, machines: readonly string[], reason: string): Promise<number> {
  for (const machine of machines) await prepared.order({ type: 'pass.requested', machine, reason });
  const wanted = new Set(
    machines.map(
      machine => `sync/${machine}/pass-${(prepared.view.state.machines[machine]?.passes.length ?? 0) + 1}`,
    ),
  );
  const began = performance.now();
  await prepared.conduct(view =>
    stepsOf(view, ['sync'])
      .filter(({ id }) => wanted.has(id))
      .map(step => ({ ...step, needs: [] })),
  );
  return performance.now() - began;
}

function errorsOf(
  all: readonly (readonly { readonly pass: number; readonly predictedMs: number; readonly ms: number }[])[],
): { readonly pass: number; readonly errors: readonly number[] }[] {
  const byPass = new Map<number, number[]>();
  for (const { pass, predictedMs, ms } of all.flat()) {
    if (pass < 3) continue;
    byPass.set(pass, [...(byPass.get(pass) ?? []), Math.abs(predictedMs - ms) / ms]);
  }
  return [...byPass].toSorted(([a], [b]) => a - b).map(([pass, errors]) => ({ pass, errors }));
}
