import { formatDuration } from '../../foundation/units.ts';
import { newestEnded, own } from '../../readiness/copy.ts';
import { ago } from '../../readiness/evidence.ts';
import { proofStanding } from '../../readiness/proofs.ts';
import type { ProofCourse } from '../../reports/proof-row.ts';
import { nameOf } from '../../reports/say.ts';
import { isTargetBuilt } from '../../step/receiver.ts';
import type { View } from '../screen.ts';
import { type Line, line, span, wrap } from '../text/line.ts';
import { ageText, isStalled, samplesBySubject } from './cells.ts';
import { fixupLines } from './fixup-lines.ts';
import { heldUnitLines } from './held-units.ts';
import { failureLines, listed } from './parts.ts';
import { stepLines } from './preview-step.ts';
import { proofLines } from './prove-evidence.ts';

/** One copy: the proof that runs, what the last one found, what is changed and held for it, and what comes next. */
export function aboutProof(view: View, name: string, width: number): Line[] {
  const { snapshot, now } = view;
  if (snapshot === undefined) return [];
  const machine = own(snapshot.state.machines, name);
  const row = view.rows.find(each => each.name === name);
  const standing = proofStanding(machine, snapshot.plan.proof.max_age, now);
  const course = row?.proof.course;
  const failure = machine?.failure;
  return [
    ...(failure?.step.startsWith('prove/') === true ? failureLines(view, failure, width) : []),
    ...(course === undefined ? [] : courseLines(view, name, course, width)),
    ...(standing.kind === 'none' ? [] : proofLines(view, standing, width)),
    ...(standing.kind === 'none' && course === undefined ? noProof(view, name, width) : []),
    ...fixupLines(view, name, width),
    ...heldUnitLines(view, name, width),
    ...todoLines(view, name, width),
  ];
}

/** A proof that was asked for, runs, or was cut off. */
export function courseLines(view: View, name: string, course: ProofCourse, width: number): Line[] {
  const { glyphs, now, snapshot } = view;
  if (course.kind === 'asked') {
    const who = own(snapshot?.state.machines ?? {}, name)?.proofRequested?.by;
    return wrap(
      `${glyphs.busy} A proof was asked for ${who === undefined ? '' : `by ${nameOf(who)} `}${ago(course.at, now)}; ${waitsFor(view, name)}.`,
      width,
      'busy',
    );
  }
  // What failed stands above, with its remedy.
  if (course.kind === 'not-run') return [];
  if (course.kind === 'cut-off')
    return wrap(
      `${glyphs.warn} Proof ${course.proof ?? ''} began ${ago(course.at, now)} and was cut off before its end. Nothing is lost: the next run removes what it left, puts the disks back and makes it again.`,
      width,
      'warn',
    );
  const sample = samplesBySubject(view).get(name);
  const within = snapshot?.plan.proof.boot_within;
  return [
    ...wrap(
      `${glyphs.busy} Proof ${course.proof ?? ''} runs: ${ageText(now - course.at)} gone, the copy of pass ${course.pass ?? '?'}.`,
      width,
      'busy',
    ),
    ...(sample === undefined
      ? []
      : wrap(
          `${glyphs.busy} ${sample.text}${isStalled(view, sample) ? `, last heard ${ago(sample.at, now)}` : ''}`,
          width,
          'busy',
        )),
    ...(within === undefined
      ? []
      : wrap(
          `A copy that has not come up ${formatDuration(within)} after its start has failed; whatever happens, the disks go back.`,
          width,
          'muted',
        )),
    [],
  ];
}

function waitsFor({ snapshot }: View, name: string): string {
  const { evacuation, machines } = snapshot?.state ?? {};
  if (evacuation?.held?.includes('prove') === true)
    return 'it waits until somebody approves the stage: a shows its exact commands';
  if (machines?.[name]?.paused !== undefined) return 'it waits until the machine goes on: p';
  return `it begins when no pass of ${name} runs and the hypervisor has room for it`;
}

function noProof({ snapshot, glyphs }: View, name: string, width: number): Line[] {
  const machine = own(snapshot?.state.machines ?? {}, name);
  if (newestEnded(machine) === undefined)
    return wrap(
      `${glyphs.unknown} There is no copy to boot yet: ${snapshot === undefined || !isTargetBuilt(snapshot, name) ? 'build (3) and sync (4) come' : 'sync (4) comes'} first.`,
      width,
      'unknown',
    );
  return [
    ...wrap(
      `${glyphs.unknown} Nobody knows yet whether this copy boots. b proves it, in this order:`,
      width,
      'unknown',
    ),
    ...listed(WHAT_A_PROOF_DOES, width),
  ];
}

const WHAT_A_PROOF_DOES: readonly string[] = [
  "The replica's disks leave the receiver; throw-away overlays are laid over them, so that nothing is ever written to the replica.",
  'The fix-ups are made in the overlays: identifiers, boot loader, network, and what would act twice is held.',
  'A domain of its own boots from the overlays, on a network without any way out.',
  'The copy itself tells what came up, and tries to get out: it must not succeed. That is held against what the inventory saw at the source.',
  'Everything of it is destroyed, the replica is shown to be untouched, and goes back to the receiver.',
];

/** The very commands of a proof that has not begun, from its step itself. */
function todoLines(view: View, name: string, width: number): Line[] {
  const { proofs } = view.loaded;
  if (proofs.state !== 'here') return [];
  const todo = proofs.value.filter(({ step }) => step.startsWith(`prove/${name}/`));
  if (todo.length === 0) return [];
  return [
    [],
    line(span('What another proof will do:', 'title', { bold: true })),
    ...todo.flatMap(step => stepLines(step, width)),
  ];
}
