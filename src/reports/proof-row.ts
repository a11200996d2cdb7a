import { harmless } from '../foundation/text.ts';
import { formatDuration } from '../foundation/units.ts';
import type { MachineState } from '../journal/state.ts';
import { own } from '../readiness/copy.ts';
import { openProof, type ProofStanding, proofStanding } from '../readiness/proofs.ts';
import type { View } from '../step/step.ts';
import type { Status } from './shape.ts';

/** What boot proofs say of a machine, in one row. Every text is harmless for a terminal. */
export interface ProofRow {
  /** What the newest proof that has ended is worth now. */
  readonly standing: ProofStanding['kind'];
  /** A proof that was asked for, runs, or was cut off before its end; beside what the one before it is worth. */
  readonly course?: ProofCourse;
  /** The newest that has ended; absent where none has. */
  readonly last?: LastProof;
}

export interface LastProof {
  readonly proof: number;
  /** The pass whose copy was booted, and passes that ended since. */
  readonly pass: number;
  readonly passesSince: number;
  readonly at: number;
  readonly tookMs: number;
  /** Pieces of evidence that speak for it, of all that there are. */
  readonly passed: number;
  readonly of: number;
  /** `no network`: the kind of the reason, as a word. */
  readonly word?: string;
  readonly words?: string;
  readonly remedy?: string;
}

export interface ProofCourse {
  /** `not-run`: its step failed before there was a verdict. */
  readonly kind: 'asked' | 'booting' | 'cut-off' | 'not-run';
  /** Since when, epoch ms. */
  readonly at: number;
  readonly proof?: number;
  readonly pass?: number;
  /** The step that runs. */
  readonly step?: string;
}

export const proofStep = (machine: string, proof: number): string => `prove/${machine}/proof-${proof}`;

/** `now` in epoch ms. */
export function proofRow({ plan, state }: View, name: string, now: number): ProofRow {
  const machine = own(state.machines, name);
  const standing = proofStanding(machine, plan.proof.max_age, now);
  const course = courseOf(machine, name, state.steps);
  return {
    standing: standing.kind,
    ...(course === undefined ? {} : { course }),
    ...(standing.kind === 'none' ? {} : { last: lastOf(standing) }),
  };
}

function courseOf(
  machine: MachineState | undefined,
  name: string,
  steps: View['state']['steps'],
): ProofCourse | undefined {
  const open = openProof(machine);
  if (open !== undefined) {
    const step = proofStep(name, open.proof);
    const status = own(steps, step)?.status;
    const facts = { at: open.startedAt, proof: open.proof, pass: open.pass };
    if (status === 'running' || status === 'retrying') return { kind: 'booting', step, ...facts };
    return { kind: status === 'failed' ? 'not-run' : 'cut-off', ...facts };
  }
  const asked = machine?.proofRequested;
  return asked === undefined ? undefined : { kind: 'asked', at: asked.at };
}

function lastOf({ proof, passesSince }: Exclude<ProofStanding, { kind: 'none' }>): LastProof {
  const { checks, reason, at, ms } = proof.ended;
  const [remedy] = reason?.remedy ?? [];
  return {
    proof: proof.proof,
    pass: proof.pass,
    passesSince,
    at,
    tookMs: ms,
    passed: checks.filter(({ verdict }) => verdict === 'pass').length,
    of: checks.length,
    ...(reason === undefined
      ? {}
      : { word: reason.kind.replaceAll('-', ' '), words: harmless(reason.words) }),
    ...(remedy === undefined ? {} : { remedy: harmless(remedy) }),
  };
}

/** As a word with its symbol's kind: `✔ 14m ago`, `✖ no network`, `… booting`, `none yet`. `age` shows durations. */
export function proofStatus(
  { standing, course, last }: ProofRow,
  now: number,
  age: (ms: number) => string = formatDuration,
): Status {
  if (course?.kind === 'booting') return { kind: 'busy', word: 'booting' };
  if (course?.kind === 'asked') return { kind: 'busy', word: 'asked for' };
  if (course?.kind === 'not-run') return { kind: 'bad', word: 'not run' };
  if (course?.kind === 'cut-off') return { kind: 'warn', word: 'cut off' };
  if (last === undefined) return { kind: 'unknown', word: 'none yet' };
  const since = age(Math.max(0, now - last.at));
  switch (standing) {
    case 'proven':
      return { kind: 'ok', word: `${since} ago` };
    case 'failed':
      return { kind: 'bad', word: last.word ?? 'failed' };
    case 'old':
      return { kind: 'warn', word: `old ${since}` };
    default:
      return { kind: 'unknown', word: 'other disks' };
  }
}
