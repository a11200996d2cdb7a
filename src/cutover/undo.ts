import { type Checklist, type ChecklistItem, type ItemProgress, putBackStepId } from '../checklist/index.ts';
import type { CutoverState, State } from '../journal/state.ts';
import type { Step, View } from '../step/step.ts';
import { deedOf } from './deeds.ts';
import { isAtSource, isBegun, isSourceLost, isToPutBack } from './in-cutover.ts';
import { undoStep } from './item-step.ts';
import { putBackDeed } from './machine/index.ts';

type Item = ChecklistItem & ItemProgress;

/**
 * The steps of an abort that are due: whatever was begun is taken back, and nothing before all that was built on it. When
 * nothing is left, one last step ends the cutover. A source that was lost on the way is not waited for: what it is owed is
 * said in the end, and a cutover in the dark can begin.
 */
export function undoSteps(view: View, list: Checklist): Step[] {
  const { cutover } = view.state;
  if (cutover === undefined || cutover.ended !== undefined) return [];
  const lost = isSourceLost(view.state);
  const begun = list.items.filter(item => isOpen(item, view.state, cutover));
  const owed = begun.filter(({ deed }) => lost && deed !== undefined && isAtSource(deed));
  const open = begun.filter(item => !owed.includes(item));
  // The receivers come last: production runs again, and nobody but the next pass waits for them.
  const back = Object.keys(lost ? {} : view.plan.machines)
    .filter(name => isToPutBack(cutover, name) && !isBegun(view.state, cutover, 'quiet', name))
    .map(putBack);
  if (open.length === 0)
    return back.length > 0 || peopleOwe(list.items).length > 0 ? back : [rolledBack(list.evacuation, owed)];
  const waits = builtOn(list.items, open);
  const undone = open
    .filter(({ id }) => !waits.has(id))
    .flatMap(item => {
      const deed = deedOf(item, list.dark || lost);
      return deed === undefined ? [] : (undoStep(view, item, deed) ?? []);
    });
  return [...undone, ...back];
}

/** Begun in this cutover by landfall, not taken back yet, and something that can be. */
const isOpen = (item: Item, state: State, cutover: CutoverState): boolean =>
  item.deed !== undefined &&
  deedOf(item, cutover.dark)?.undo !== undefined &&
  isBegun(state, cutover, item.deed, item.subject);

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

/** The replica in its receiver again, so that passes go on; told of by an item that no list has. */
function putBack(machine: string): Step {
  const deed = putBackDeed(machine);
  return {
    id: putBackStepId(machine),
    phase: 'cutover',
    subject: machine,
    title: `the target of ${machine} as passes need it`,
    needs: [],
    resources: [`cutover:${machine}`, `replica:${machine}`].map(key => ({ key, units: 1 })),
    repeats: true,
    ...(deed.retry === undefined ? {} : { retry: deed.retry }),
    preview: view => deed.preview(view),
    done: async ({ state }) => state.cutover === undefined || !isToPutBack(state.cutover, machine),
    async run(context, signal) {
      const startedAt = context.clock.now();
      const evidence = (await deed.done(context, signal))
        ? ['it was there already']
        : await deed.run(context, signal);
      const item = `put-back/${machine}`;
      await context.emit({
        ...{ type: 'cutover.item', item, outcome: 'done', how: 'ran', startedAt },
        evidence: [...evidence],
      });
    },
  };
}

const owedWords = ({ id, rollback }: Item): string =>
  `${id} could not be taken back, its site is lost; where it comes back, by hand: ${rollback.join('; ')}`;

const rolledBack = (evacuation: string, owed: readonly Item[]): Step => ({
  id: `cutover/${evacuation}/rolled-back`,
  phase: 'cutover',
  subject: evacuation,
  title:
    owed.length === 0
      ? 'the cutover is taken back: everything is as it was'
      : 'the cutover is taken back at the target; the source is lost',
  needs: [],
  resources: [],
  repeats: true,
  preview: () => [],
  done: async ({ state }) => state.cutover?.ended !== undefined,
  async run(context) {
    const startedAt = context.state.cutover?.startedAt ?? context.clock.now();
    // What failed on the way stands in nobody's way any more: it was taken back.
    for (const { id, phase, status } of Object.values(context.state.steps))
      if (phase === 'cutover' && status === 'failed')
        await context.emit({ type: 'step.retry-requested', step: id });
    await context.emit({
      type: 'cutover.ended',
      outcome: 'rolled-back',
      startedAt,
      lost: owed.map(owedWords),
    });
  },
});
