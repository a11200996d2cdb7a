import { checklistOf, isBehind, isOrdered } from '../checklist/index.ts';
import type { Step, View } from '../step/step.ts';
import { deedOf } from './deeds.ts';
import { itemStep } from './item-step.ts';
import { isOpenedAlone } from './publisher-host.ts';
import { undoSteps } from './undo.ts';

/** The steps of the cutover that are ordered and due, or, once it was aborted, those that take it back. Pure. */
export function cutoverSteps(view: View): Step[] {
  const { cutover } = view.state;
  if (cutover === undefined || cutover.ended !== undefined) return [];
  const list = checklistOf(view, view.state.lastAt, { dark: cutover.dark });
  if (cutover.aborted !== undefined) return undoSteps(view, list);
  const behind = new Set(list.items.filter(isBehind).map(({ id }) => id));
  return list.items.flatMap(item => {
    const deed = deedOf(item, list.dark || (item.deed === 'open' && isOpenedAlone(view, item.subject)));
    if (deed === undefined || behind.has(item.id) || !isOrdered(item, cutover)) return [];
    return item.needs.every(need => behind.has(need)) ? [itemStep(view, item, deed)] : [];
  });
}

/** Every step that a cutover would run, in the order of the list, for --dry-run. */
export function cutoverOutlook(view: View, options: { readonly dark?: boolean } = {}): Step[] {
  const list = checklistOf(view, view.state.lastAt, options);
  return list.items.flatMap(item => {
    const deed = deedOf(item, list.dark);
    return deed === undefined ? [] : [itemStep(view, item, deed)];
  });
}
