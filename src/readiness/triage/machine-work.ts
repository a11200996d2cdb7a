import { formatBytes } from '../../foundation/units.ts';
import type { FileSystemFacts } from '../../journal/facts.ts';
import type { MachineState } from '../../journal/state.ts';
import type { MachinePlan } from '../../plan/schema.ts';
import type { View } from '../../step/step.ts';
import {
  endedPasses,
  literalBytes,
  openPass,
  own,
  passAfter,
  passUnderWay,
  safeCopy,
  sentBytes,
} from '../copy.ts';
import { dirtyRate } from '../exposure.ts';
import { newestEndedProof, proofStanding } from '../proofs.ts';
import type { Fleet } from './fleet.ts';
import { reliefOf } from './relief.ts';
import { NOTHING, type Work } from './work.ts';

/** Types whose files live on the machine's own disks, as passes take them. */
const LOCAL = /^(?:ext[234]|xfs|btrfs|f2fs|jfs|reiserfs|vfat)$/;
/** Of a machine that no delta pass has measured: what changes while it is copied, of all it holds. */
const UNKNOWN_CHANGE = { expected: 0.02, worst: 0.1 };
/** What is left of a pass that nobody forecast is never taken for less than this share of it. */
const LEAST_LEFT = 0.05;
/** What shrinks from pass to pass is counted on to the end; what hardly shrinks ends at the judgement. */
const SHRINKS = { unknown: 0.25, least: 0.05, most: 0.8 };

/** What one machine has still before it. `fleet` is what was learnt from the others. */
export function machineWork(view: View, name: string, now: number, fleet: Fleet): Work {
  const machine = own(view.state.machines, name);
  const plan = own(view.plan.machines, name);
  const tier = own(view.plan.tiers, plan?.tier ?? '');
  const copy = safeCopy(machine);
  const open = openPass(machine);
  const proof = proofMs(view, machine, now, fleet);
  const base = {
    name,
    kind: 'machine' as const,
    priority: tier?.priority ?? 9,
    cost: tier?.cost_per_hour ?? 0,
    needs: plan?.after ?? [],
    hasCopy: copy.kind === 'verified',
    ...(machine?.failure === undefined ? {} : { failed: machine.failure.step }),
    relief: [],
  };
  const inStep =
    copy.kind === 'verified' && open === undefined && passAfter(machine, copy.pass) === undefined;
  if (inStep && proof.expected === 0)
    return {
      ...base,
      standing: 'safe',
      why: `pass ${copy.pass} is verified and boots`,
      expected: NOTHING,
      worst: NOTHING,
    };
  if (inStep) {
    const [expected, worst] = [proof.expected, proof.worst].map(tailMs => ({ bytes: 0, tailMs }));
    return {
      ...base,
      standing: 'open',
      why: `pass ${copy.pass} is verified; a boot proof is left`,
      expected: expected ?? NOTHING,
      worst: worst ?? NOTHING,
    };
  }
  const total = totalBytes(machine, plan);
  if (total === undefined)
    return {
      ...base,
      standing: 'unknown',
      why: 'its inventory is missing: nobody knows how much it holds',
      expected: NOTHING,
      worst: NOTHING,
    };

  const first = firstCopy(machine, total, now, fleet);
  const changes = changesLeft(machine, total);
  const reading = readingMs(machine, total, fleet);
  const floor = floorMs(machine);
  const passes = endedPasses(machine).length;
  return {
    ...base,
    standing: 'open',
    why:
      first.expected > 0
        ? `first copy of ${formatBytes(total)}${open === undefined ? '' : ', under way'}, then comparing`
        : `after pass ${passes}: about ${formatBytes(changes.expected)} of changes, then comparing`,
    expected: { bytes: first.expected + changes.expected, tailMs: floor + reading + proof.expected },
    worst: { bytes: first.worst + changes.worst, tailMs: floor + reading + proof.worst },
    relief: reliefOf(view.plan.name, name, machine, changes),
  };
}

interface Range {
  readonly expected: number;
  readonly worst: number;
}

/** Bytes that its travelling file systems hold, each device once; undefined before inventory. */
function totalBytes(machine: MachineState | undefined, plan: MachinePlan | undefined): number | undefined {
  const measured = endedPasses(machine)
    .at(-1)
    ?.ended.runs.reduce((sum, run) => sum + run.totalBytes, 0);
  if (measured !== undefined) return measured;
  const guest = machine?.observed?.guest;
  if (guest === undefined) return undefined;
  const excluded = (plan?.exclude ?? []).map(path => path.replace(/\/+$/, ''));
  const devices = new Map<string, FileSystemFacts>();
  for (const each of guest.fileSystems) {
    if (!LOCAL.test(each.type)) continue;
    if (excluded.some(path => each.mountpoint === path || each.mountpoint.startsWith(`${path}/`))) continue;
    devices.set(each.device.replace(/\[.*$/, ''), each);
  }
  return [...devices.values()].reduce((sum, { used }) => sum + used, 0);
}

/** Bytes of the first full pass that have still to travel. */
function firstCopy(machine: MachineState | undefined, total: number, now: number, fleet: Fleet): Range {
  const last = endedPasses(machine).at(-1);
  const open = passUnderWay(machine);
  const isRemade = (machine?.replica?.afterPass ?? 0) >= (last?.pass ?? Number.POSITIVE_INFINITY);
  const needsFull = last === undefined || isRemade || open?.kind === 'full';
  if (!needsFull) return { expected: 0, worst: 0 };
  const whole = total * fleet.squeeze;
  if (open?.kind !== 'full') return { expected: whole, worst: Math.min(total, whole * 1.5) };
  const elapsed = Math.max(0, now - open.startedAt);
  const sent =
    open.predictedMs === undefined
      ? (elapsed * fleet.streamRate) / 1000
      : (whole * elapsed) / open.predictedMs;
  const left = (part: number): number => Math.max(whole * LEAST_LEFT, whole - sent * part);
  // Nobody has seen what arrived: at worst half of what the time would have been enough for.
  return { expected: left(1), worst: left(0.5) };
}

/** Bytes of the delta passes until they converge or are judged not to. */
export interface Changes extends Range {
  /** Bytes of the next of them alone: what they come to where nothing writes any more. */
  readonly next: number;
}

function changesLeft(machine: MachineState | undefined, total: number): Changes {
  const passes = endedPasses(machine);
  const deltas = passes.filter(({ kind }) => kind === 'delta');
  const last = passes.at(-1);
  const delta = deltas.at(-1);
  const open = openPass(machine);
  const verdict = last?.judged?.verdict;
  const isOver = verdict === 'converged' || verdict === 'not-converging' || verdict === 'exhausted';
  if (isOver && open === undefined && machine?.requested === undefined)
    return { expected: 0, worst: 0, next: 0 };
  if (delta === undefined) {
    const rate = dirtyRate(machine);
    const changed = rate === undefined || last === undefined ? undefined : (rate * last.ended.ms) / 1000;
    const next = changed ?? total * UNKNOWN_CHANGE.expected;
    return {
      next,
      expected: next / (1 - SHRINKS.unknown),
      worst: Math.max(next, total * UNKNOWN_CHANGE.worst),
    };
  }
  const before = deltas.at(-2);
  const ratio =
    before === undefined ? SHRINKS.unknown : literalBytes(delta) / Math.max(1, literalBytes(before));
  const shrinks = Math.min(Math.max(ratio, SHRINKS.least), SHRINKS.most);
  // A pass that is asked for after the others converged brings what they brought, once.
  const next = isOver ? sentBytes(delta) : sentBytes(delta) * shrinks;
  return { next, expected: isOver ? next : next / (1 - shrinks), worst: (2 * next) / (1 - shrinks) };
}

/** A comparison of every byte, ms: as its last one went, as others' went, at worst as a disk reads. */
function readingMs(machine: MachineState | undefined, total: number, fleet: Fleet): number {
  return machine?.verified?.ms ?? (total / fleet.readRate) * 1000;
}

/** What a pass costs that has nothing to send, ms. */
function floorMs(machine: MachineState | undefined): number {
  const lists = endedPasses(machine).map(({ ended }) =>
    ended.runs.reduce((sum, run) => sum + run.listSeconds, 0),
  );
  return 1000 * Math.max(0, ...lists);
}

/** A boot that has still to be proved, ms; none where one was. */
function proofMs(view: View, machine: MachineState | undefined, now: number, fleet: Fleet): Range {
  const { max_age: maxAge, boot_within: within } = view.plan.proof;
  if (proofStanding(machine, maxAge, now).kind === 'proven') return { expected: 0, worst: 0 };
  const expected = newestEndedProof(machine)?.ended.ms ?? fleet.proofMs ?? within / 2;
  return { expected, worst: Math.max(expected, within) };
}
