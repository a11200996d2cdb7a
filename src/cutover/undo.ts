import { type Checklist, type ChecklistItem, cutoverStepId, type ItemProgress } from '../checklist/index.ts';
import { get } from '../journal/maps.ts';
import type { CutoverState, State } from '../journal/state.ts';
import type { Step, View } from '../step/step.ts';
import { deedOf } from './deeds.ts';
import { undoStep } from './item-step.ts';

type Item = ChecklistItem & ItemProgress;

/**
 * The steps of an abort that are due: whatever was begun is taken back, and nothing before all that was built on it. When
 * nothing is left, one last step ends the cutover.
 */
export function undoSteps(view: View, list: Checklist): Step[] {
  const { cutover } = view.state;
  if (cutover === undefined || cutover.ended !== undefined) return [];
  const open = list.items.filter(item => isOpen(item, view.state, cutover));
  if (open.length === 0) return peopleOwe(list.items).length === 0 ? [rolledBack(list.evacuation)] : [];
  const waits = builtOn(list.items, open);
  return open
    .filter(({ id }) => !waits.has(id))
    .flatMap(item => {
      const deed = deedOf(item, list.dark);
      return deed === undefined ? [] : (undoStep(view, item, deed) ?? []);
    });
}

/** Begun in this cutover by landfall, not taken back yet, and something that can be. */
function isOpen(item: Item, state: State, cutover: CutoverState): boolean {
  const outcome = get(cutover.items, item.id)?.outcome;
  if (outcome === 'undone' || deedOf(item, cutover.dark)?.undo === undefined) return false;
  const begun = get(state.steps, cutoverStepId(item) ?? '')?.startedAt;
  return outcome === 'done' || (begun !== undefined && begun >= cutover.startedAt);
}

/** What people have done and have to take back by hand: the abort waits for their word on it. */
export const peopleOwe = (items: readonly Item[]): readonly Item[] =>
  items.filter(
    ({ deed, rollback, record, id }) =>
      deed === undefined && id !== 'no-return' && rollback.length > 0 && record?.outcome === 'done',
  );

/** Items of `open` on which another of them was built, directly or by the way. */
function builtOn(items: readonly Item[], open: readonly Item[]): Set<string> {
  const isOpen = new Set(open.map(({ id }) => id));
  const waits = new Set<string>();
  // Items stand behind all that they need: from the end every one has met what was built on it.
  for (const { id, needs } of items.toReversed())
    if (isOpen.has(id) || waits.has(id)) for (const need of needs) waits.add(need);
  return waits;
}

const rolledBack = (evacuation: string): Step => ({
  id: `cutover/${evacuation}/rolled-back`,
  phase: 'cutover',
  subject: evacuation,
  title: 'the cutover is taken back: everything is as it was',
  needs: [],
  resources: [],
  repeats: true,
  preview: () => [],
  done: async ({ state }) => state.cutover?.ended !== undefined,
  async run(context) {
    const startedAt = context.state.cutover?.startedAt ?? context.clock.now();
    await context.emit({ type: 'cutover.ended', outcome: 'rolled-back', startedAt, lost: [] });
  },
});
