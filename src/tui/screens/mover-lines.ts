import { CONSISTENCY_WORDS, type MoverReport } from '../../reports/mover.ts';
import type { MachineRow } from '../../reports/rows.ts';
import { nameOf } from '../../reports/say.ts';
import type { View } from '../screen.ts';
import { type Line, line, type Span, span, wrap } from '../text/line.ts';

/** Who moves a machine and why, what is ordered instead, and what its newest copy caught. */
export function moverLines(view: View, { mover }: MachineRow, width: number): Line[] {
  const { ordered, decided, reasons } = mover;
  const [why] = reasons;
  return [
    line(
      span('mover: ', 'muted'),
      span(mover.mover, decided === 'fallback' ? 'warn' : 'plain'),
      span(` (${decided})`, 'muted'),
      ...caughtSpans(view, mover),
    ),
    ...(why === undefined
      ? []
      : wrap(
          `${view.glyphs.dot} ${mover.mover}: ${why}${reasons.length > 1 ? ' (w: all reasons)' : ''}`,
          width,
          decided === 'fallback' ? 'warn' : 'muted',
        )),
    ...(ordered === undefined
      ? []
      : wrap(`${nameOf(ordered.by)} has ordered ${ordered.mover}: from the next pass on`, width, 'busy')),
  ];
}

/** `   the copy is ▲ smeared`: never left out where there is a copy. */
function caughtSpans({ glyphs }: View, { consistency }: MoverReport): Span[] {
  if (consistency === undefined) return [];
  return [
    span('   the copy is ', 'muted'),
    consistency === 'smeared'
      ? span(`${glyphs.warn} smeared`, 'warn')
      : span(`${glyphs.ok} ${consistency}`, 'good'),
  ];
}

/** Every reason for and against, for whoever asks why. */
export function moverReasons({ mover }: MachineRow, width: number): Line[] {
  const { reasons, against, consistency } = mover;
  const meaning = consistency === undefined ? undefined : CONSISTENCY_WORDS[consistency];
  return [
    ...wrap(`it travels by ${mover.mover} (${mover.decided})`, width),
    ...reasons.flatMap(each => wrap(`  because: ${each}`, width, 'muted')),
    ...against.flatMap(each => wrap(`  on the other hand: ${each}`, width, 'muted')),
    ...(meaning === undefined
      ? []
      : wrap(
          `its newest copy is ${consistency}: ${meaning}`,
          width,
          consistency === 'smeared' ? 'warn' : 'plain',
        )),
  ];
}
