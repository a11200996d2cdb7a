import { listed } from '../../foundation/listing.ts';
import type { NextAction, View } from '../screen.ts';
import { type Line, span } from '../text/line.ts';

/** A rehearsal has reached its end where every copy is identical and has booted, and every database was compared; nothing else tells that it is over. */
function isRehearsalOver({ snapshot, rows, databases }: View): boolean {
  if (snapshot === undefined || snapshot.connection === 'lost') return false;
  const { plan, state } = snapshot;
  if (!plan.rehearsal && state.evacuation?.rehearsal !== true) return false;
  if (state.cutover !== undefined && state.cutover.ended === undefined) return false;
  if (state.evacuation?.paused !== undefined || rows.length === 0) return false;
  const isCompared = databases.every(({ validated, step }) => validated?.differ === 0 && step === undefined);
  return (
    isCompared &&
    rows.every(
      row =>
        row.verification?.current === true &&
        row.verification.differ === 0 &&
        row.proof.standing === 'proven' &&
        row.proof.course === undefined &&
        row.failure === undefined &&
        !row.running,
    )
  );
}

export function rehearsalEnd(view: View): Line | undefined {
  if (!isRehearsalOver(view)) return undefined;
  const { rows, databases, snapshot, glyphs } = view;
  const ends = snapshot?.connection === 'live' ? ', X ends it' : '';
  return [
    span(
      `${glyphs.ok} Rehearsal complete: ${rows.length} of ${rows.length} identical and proven to boot${databases.length === 0 ? '' : `, ${listed(databases.map(({ name }) => name))} equal to production`}. [R] saves the report${ends}. `,
      'good',
    ),
    span('For your own machines: h, then i makes a plan, or enter begins one.', 'accent'),
  ];
}

export const rehearsalNext = (view: View): NextAction | undefined =>
  isRehearsalOver(view) ? { intent: 'report', words: 'save the report' } : undefined;
