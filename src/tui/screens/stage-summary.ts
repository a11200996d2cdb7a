import type { ScreenId, View } from '../screen.ts';

/** `4 of 6 verified, 1 running, 1 failed, waits for approval`: a stage in the title of its screen. */
export function stageSummary({ stages }: View, phase: ScreenId, doneWord: string): string {
  const stage = stages.find(each => each.phase === phase);
  if (stage === undefined) return 'nothing is known yet';
  const { done, of, running, failed, state, word } = stage;
  return [
    `${done} of ${of} ${doneWord}`,
    ...(running > 0 ? [`${running} running`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(state === 'held' ? ['waits for approval'] : state === 'waiting' && running === 0 ? [word] : []),
  ].join(', ');
}
