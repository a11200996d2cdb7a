import { counted, formatDuration } from '../../foundation/units.ts';
import type { MachineState } from '../../journal/state.ts';
import { own } from '../../readiness/copy.ts';
import { proofStanding } from '../../readiness/proofs.ts';
import { nameOf } from '../../reports/say.ts';
import type { View } from '../screen.ts';
import { BLANK, type Line, line, span, wrap } from '../text/line.ts';
import { careLines } from './care-lines.ts';
import { triageRow } from './cells.ts';
import { moverReasons } from './mover-lines.ts';
import { whyNotProven } from './prove-evidence.ts';
import { endsInRetry, inKeys } from './remedy.ts';

/** Cause, evidence, remedy: why a machine stands where it stands. */
export function whyLines(view: View, machine: string, width: number): Line[] {
  const row = view.rows.find(each => each.name === machine);
  if (row === undefined) return wrap('Nothing is known about it yet.', width, 'unknown');
  return [
    ...troubleLines(view, machine, width).flatMap(each => [...each, BLANK]),
    ...wrap(`makes it? ${triageRow(view, machine)?.why ?? row.makesIt.why}`, width),
    ...(row.exposure.why === undefined ? [] : wrap(`exposure: ${row.exposure.why}`, width, 'warn')),
    BLANK,
    ...moverReasons(row, width),
  ];
}

/** What stands in the way of a machine, one block a trouble: a failure, differences, a pause, the verdict of its passes. */
export function troubleLines(view: View, machine: string, width: number): Line[][] {
  const known = own(view.snapshot?.state.machines ?? {}, machine);
  if (known === undefined) return [];
  return [
    failureLines(view, known, width),
    differenceLines(view, known, width),
    bootLines(view, known, width),
    pauseLines(view, known, width),
    careLines(view, known, width),
    verdictLines(known, width),
  ].filter(each => each.length > 0);
}

function failureLines({ glyphs, now }: View, { failure }: MachineState, width: number): Line[] {
  if (failure === undefined) return [];
  const { error } = failure;
  return [
    ...wrap(
      `${glyphs.bad} ${failure.step} failed ${formatDuration(Math.max(0, now - failure.at))} ago: ${error.what}`,
      width,
      'bad',
    ),
    ...(error.why === undefined ? [] : wrap(`why it matters: ${error.why}`, width)),
    ...(error.evidence ?? []).flatMap(each => wrap(`  ${each}`, width, 'muted')),
    ...error.next.flatMap(each => wrap(`next: ${inKeys(each)}`, width, 'accent')),
    ...(error.next.some(endsInRetry) ? [] : [line(span('then: r tries it again', 'accent'))]),
    // Last, because it may be as long as the command of a copy.
    ...placeLines(error.where, width),
  ];
}

const DIFFERENCES_SHOWN = 8;

function differenceLines({ glyphs }: View, { verified }: MachineState, width: number): Line[] {
  if (verified === undefined || verified.mismatches.length === 0) return [];
  const { mismatches, pass } = verified;
  const more = mismatches.length - DIFFERENCES_SHOWN;
  return [
    ...wrap(
      `${glyphs.bad} the verification of pass ${pass} found ${counted(mismatches.length, 'file')} that ${mismatches.length === 1 ? 'differs' : 'differ'}, and no write on the source explains it:`,
      width,
      'bad',
    ),
    ...mismatches.slice(0, DIFFERENCES_SHOWN).flatMap(each => wrap(`  ${each}`, width, 'muted')),
    ...(more > 0 ? [line(span(`  and ${more} more`, 'muted'))] : []),
    ...wrap('next: s makes another pass; a repair compares contents', width, 'accent'),
  ];
}

function bootLines(view: View, known: MachineState, width: number): Line[] {
  const standing = proofStanding(known, view.snapshot?.plan.proof.max_age ?? 0, view.now);
  return standing.kind === 'failed' ? whyNotProven(view, standing, width) : [];
}

function pauseLines({ glyphs, now }: View, { paused }: MachineState, width: number): Line[] {
  if (paused === undefined) return [];
  const because = paused.reason === undefined ? '' : `: ${paused.reason}`;
  return [
    ...wrap(
      `${glyphs.warn} paused by ${nameOf(paused.by)} ${formatDuration(Math.max(0, now - paused.at))} ago${because}`,
      width,
      'warn',
    ),
    line(span('next: p lets it go on', 'accent')),
  ];
}

function verdictLines({ passes }: MachineState, width: number): Line[] {
  const judged = passes.at(-1)?.judged ?? passes.at(-2)?.judged;
  if (judged === undefined) return [];
  return [
    ...wrap(`last pass: ${judged.verdict.replace('-', ' ')}, ${judged.why}`, width),
    ...judged.help.flatMap(help => wrap(`would help: ${help}`, width, 'accent')),
  ];
}
function placeLines(
  where: { readonly [key: string]: string | number | undefined } | undefined,
  width: number,
): Line[] {
  if (where === undefined) return [];
  const parts = Object.entries(where).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key} ${value}`],
  );
  return parts.length === 0 ? [] : wrap(`where: ${parts.join(', ')}`, width, 'muted');
}
