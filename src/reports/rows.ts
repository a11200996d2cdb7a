import { harmless } from '../foundation/text.ts';
import type { MachineState, Order, PassState } from '../journal/state.ts';
import type { Plan } from '../plan/schema.ts';
import { isGivenUp, literalBytes, newestEnded, own, vouches } from '../readiness/copy.ts';
import { type Exposure, exposureOf } from '../readiness/exposure.ts';
import { type MakesIt, makesIt, nextPassMs } from '../readiness/makes-it.ts';
import { runningSubjects } from '../readiness/open-steps.ts';
import type { View } from '../step/step.ts';
import { type MoverReport, moverReport } from './mover.ts';
import { type ProofRow, proofRow } from './proof-row.ts';
import type { Status } from './shape.ts';
import { statusOf, surroundingsOf } from './status.ts';

/**
 * What the overview says of a machine in one line: everything that needs no gates, cheap enough for hundreds of machines
 * every second. Every text is harmless for a terminal.
 */
export interface MachineRow {
  readonly name: string;
  readonly tier: string;
  readonly status: Status;
  /** A step of this machine is under way. */
  readonly running: boolean;
  /** The order that paused this machine itself; the evacuation as a whole may be paused beside it. */
  readonly paused?: Order;
  /** Passes of this machine so far, those that are no longer kept among them. */
  readonly passes: number;
  /** The newest pass, under way or ended. */
  readonly pass?: PassRow;
  /** The newest pass that has ended, where that is another one. */
  readonly ended?: PassRow;
  /** How long the next pass would take, milliseconds; absent without a basis. */
  readonly nextPassMs?: number;
  /** Who moves it; `smeared` or what else the newest copy caught. */
  readonly mover: MoverReport;
  readonly exposure: Exposure;
  readonly verification?: VerificationRow;
  readonly proof: ProofRow;
  readonly makesIt: MakesIt;
  readonly failure?: FailureRow;
}

export interface FailureRow {
  readonly step: string;
  readonly code: string;
  readonly what: string;
  readonly at: number;
}

export interface PassRow {
  readonly pass: number;
  readonly kind: 'full' | 'delta';
  readonly mover: 'files' | 'blocks';
  readonly startedAt: number;
  readonly predictedMs?: number;
  /** Absent, like the figures below, while it is under way and where it was cut off. */
  readonly tookMs?: number;
  readonly literalBytes?: number;
  readonly verdict?: string;
  /** It has no end and gets none: another mover has the machine since, or a later pass. */
  readonly givenUp?: true;
}

export interface VerificationRow {
  readonly pass: number;
  readonly at: number;
  /** Files that differ and should not. */
  readonly differ: number;
  /** True where it belongs to the newest completed pass and nothing has been written to the replica since. */
  readonly current: boolean;
  /** Not everything was compared. */
  readonly sample?: boolean;
}

/** One row for every machine of the plan, by the priority of its tier, then by name. `now` in epoch ms. */
export function rowsOf(view: View, now: number): MachineRow[] {
  const running = runningSubjects(view.state.steps);
  return machineOrder(view.plan).map(name => row(view, name, now, running.has(name)));
}

/** The row of one machine. A name that the plan does not know has a row that knows nothing. */
export function rowOf(view: View, name: string, now: number): MachineRow {
  return row(view, name, now, runningSubjects(view.state.steps).has(name));
}

/** The names of the machines, those that matter most first. */
export function machineOrder(plan: Plan): string[] {
  const ranked = Object.entries(plan.machines).map(([name, { tier }]) => ({
    name,
    rank: priorityOf(plan, tier),
  }));
  ranked.sort((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1));
  return ranked.map(each => each.name);
}

/** 1 goes first; a tier that the plan does not have goes last. */
export const priorityOf = (plan: Plan, tier: string): number =>
  own(plan.tiers, tier)?.priority ?? Number.MAX_SAFE_INTEGER;

function row(view: View, name: string, now: number, running: boolean): MachineRow {
  const machine = own(view.state.machines, name);
  const newest = machine?.passes.at(-1);
  const ended = newestEnded(machine);
  const next = nextPassMs(machine);
  const verification = verificationRow(machine);
  return {
    name: harmless(name),
    tier: harmless(own(view.plan.machines, name)?.tier ?? ''),
    status: statusOf(machine, surroundingsOf(view.state, name, running)),
    running,
    ...(machine?.paused === undefined ? {} : { paused: orderRow(machine.paused) }),
    passes: (machine?.passes.length ?? 0) + (machine?.olderPasses?.count ?? 0),
    ...(newest === undefined ? {} : { pass: passRow(newest, machine) }),
    ...(ended === undefined || ended === newest ? {} : { ended: passRow(ended, machine) }),
    ...(next === undefined ? {} : { nextPassMs: next }),
    mover: moverReport(view, name),
    exposure: exposureOf(view, name, now),
    ...(verification === undefined ? {} : { verification }),
    proof: proofRow(view, name, now),
    makesIt: harmlessWhy(makesIt(view, name, now)),
    ...(machine?.failure === undefined ? {} : { failure: failureRow(machine.failure) }),
  };
}

function passRow(pass: PassState, machine: MachineState | undefined): PassRow {
  const { ended, judged, predictedMs } = pass;
  return {
    pass: pass.pass,
    kind: pass.kind,
    mover: pass.mover,
    startedAt: pass.startedAt,
    ...(predictedMs === undefined ? {} : { predictedMs }),
    ...(ended === undefined ? {} : { tookMs: ended.ms, literalBytes: literalBytes({ ...pass, ended }) }),
    ...(judged === undefined ? {} : { verdict: judged.verdict }),
    ...(isGivenUp(machine, pass) ? { givenUp: true } : {}),
  };
}

function verificationRow(machine: MachineState | undefined): VerificationRow | undefined {
  const verified = machine?.verified;
  if (verified === undefined) return undefined;
  const { pass, at, mismatches } = verified;
  return {
    pass,
    at,
    differ: mismatches.length,
    current: vouches(machine),
    ...(verified.sample === undefined ? {} : { sample: true }),
  };
}

function failureRow({ step, error, at }: NonNullable<MachineState['failure']>): FailureRow {
  return { step: harmless(step), code: harmless(error.code), what: harmless(error.what), at };
}

const orderRow = ({ by, at, reason }: Order): Order => ({
  by: harmless(by),
  at,
  ...(reason === undefined ? {} : { reason: harmless(reason) }),
});

const harmlessWhy = (makes: MakesIt): MakesIt => ({ ...makes, why: harmless(makes.why) });
