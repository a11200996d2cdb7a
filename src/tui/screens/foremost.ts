import { nameOf } from '../../reports/say.ts';
import { heldPhase } from '../held-stages.ts';
import type { NextAction, View } from '../screen.ts';
import { type Line, span } from '../text/line.ts';
import { ageText } from './cells.ts';
import { rehearsalEnd, rehearsalNext } from './rehearsal-end.ts';
import { endsInRetry, inKeys } from './remedy.ts';
import { orderedToWait } from './waiting.ts';
import { failureOf, worstFailureLine } from './worst.ts';

/**
 * What comes before anything that a screen has to say of its own: what makes everything wait, and the worst failure. An
 * engineer sees it wherever they are, with the key that leads to it.
 */
export const foremostLine = (view: View): Line | undefined =>
  rehearsalEnd(view) ??
  orderedToWait(view) ??
  worstFailureLine(view) ??
  sharedFailureLine(view) ??
  cutoverLine(view);

/** The first hint for it; undefined where nothing comes before the screen's own. `approve`: the words for a stage that waits. */
export function foremostAction(
  view: View,
  approve: (phase: string) => string = phase => `approve ${phase}`,
): NextAction | undefined {
  const { snapshot } = view;
  if (snapshot === undefined || snapshot.connection === 'lost') return undefined;
  const over = rehearsalNext(view);
  if (over !== undefined) return over;
  if (snapshot.connection === 'none') return { intent: 'start', words: 'start the engine' };
  if (snapshot.state.evacuation?.paused !== undefined) return { intent: 'pause-all', words: 'let it go on' };
  const failing = failureOf(view);
  if (failing !== undefined) return { intent: 'worst', words: `open ${failing.machine}` };
  if (sharedFailure(view) !== undefined) return { intent: 'retry', words: 'try again, once it is mended' };
  if (isCuttingOver(view)) return { intent: 'stage.cutover', words: 'the checklist' };
  const held = heldPhase(view);
  return held === undefined ? undefined : { intent: 'approve', words: approve(held) };
}

const isCuttingOver = ({ snapshot }: View): boolean => {
  const cutover = snapshot?.state.cutover;
  return cutover !== undefined && cutover.ended === undefined;
};

/** A cutover under way is known on every screen. */
function cutoverLine({ snapshot, glyphs, now }: View): Line | undefined {
  const cutover = snapshot?.state.cutover;
  if (cutover === undefined || cutover.ended !== undefined) return undefined;
  const { aborted, noReturn, startedAt, by, rehearse } = cutover;
  const what = rehearse ? 'a rehearsal of the cutover' : 'the cutover';
  if (aborted !== undefined)
    return [
      span(
        `${glyphs.warn} ${nameOf(aborted.by)} aborted ${what} ${ageText(now - aborted.at)} ago: ${aborted.reason ?? ''}. [8] shows how far it is taken back.`,
        'warn',
      ),
    ];
  const way = noReturn === undefined ? ', [A] takes it back' : '; its point of no return is crossed';
  return [
    span(
      `${glyphs.busy} ${nameOf(by)} began ${what} ${ageText(now - startedAt)} ago. [8] shows whose turn it is${way}.`,
      'busy',
    ),
  ];
}

/** For screens where an engineer has to see what they approve before anything else. */
export const seeAndApprove = (phase: string): string => `see what ${phase} will do, and approve it`;

/** A failed step of something that machines share, such as a hypervisor: no machine leads to it. */
function sharedFailure({ snapshot, stages }: View) {
  // The counts of the stages are cheap; steps are looked through only where one of them has failed.
  if (snapshot === undefined || !stages.some(each => each.phase !== 'ready' && each.state === 'failed'))
    return undefined;
  return Object.values(snapshot.state.steps).find(({ status }) => status === 'failed');
}

function sharedFailureLine(view: View): Line | undefined {
  const step = sharedFailure(view);
  if (step === undefined) return undefined;
  const [remedy] = step.error?.next ?? [];
  const next =
    remedy === undefined ? '' : ` Next: ${inKeys(remedy)}${endsInRetry(remedy) ? '.' : ', then r.'}`;
  return [
    span(
      `${view.glyphs.bad} ${step.id} failed: ${step.error?.what ?? 'no reason was recorded'}.${next}`,
      'bad',
    ),
  ];
}
