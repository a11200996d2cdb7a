import { type ChecklistItem, cutoverStepId, undoStepId } from '../checklist/index.ts';
import { get } from '../journal/maps.ts';
import type { CutoverState, State } from '../journal/state.ts';
import type { Resource, Step, StepContext, View } from '../step/step.ts';
import { lossOf } from './closing.ts';
import type { Deed } from './deed.ts';

type Item = Pick<ChecklistItem, 'id' | 'deed' | 'subject' | 'kind' | 'title'>;

/** Deeds that only ask: an abort may cut them off at any moment. */
const ASKING: ReadonlySet<ChecklistItem['deed']> = new Set(['last-copy', 'check', 'drain']);

/** An item as a step of the engine. What showed that it worked is kept with the item, with the time that it took. */
export function itemStep(view: View, item: Item, deed: Deed): Step {
  return {
    ...shared(view, item, deed),
    id: cutoverStepId(item) ?? item.id,
    title: item.title,
    needs: deed.needs?.(view) ?? [],
    preview: now => deed.preview(now),
    // The record of the item is what the list goes by: without it the world is asked in `run`.
    done: async ({ state }) => get(state.cutover?.items ?? {}, item.id)?.outcome === 'done',
    async run(context, signal) {
      const startedAt = beganAt(context, item);
      const evidence = (await deed.done(context, signal))
        ? ['the world was so already: nothing was done again']
        : await deed.run(context, signal);
      const order = orderOf(context.state.cutover, item.id);
      await context.emit({
        type: 'cutover.item',
        item: item.id,
        outcome: 'done',
        how: 'ran',
        startedAt,
        evidence: [...evidence, ...(order === undefined ? [] : [`ordered by ${order.by}`])],
        ...(order?.confirmed === undefined ? {} : { confirmed: order.confirmed }),
      });
      const { cutover } = context.state;
      if (item.deed === 'close' && cutover?.ended === undefined && cutover !== undefined)
        await context.emit({
          type: 'cutover.ended',
          outcome: 'committed',
          startedAt: cutover.startedAt,
          lost: lossOf(context.state),
        });
    },
    ...(ASKING.has(item.deed) ? { halt: () => Promise.resolve() } : {}),
  };
}

/** What an abort does about an item that was begun. */
export function undoStep(view: View, item: Item, deed: Deed): Step | undefined {
  const { undo } = deed;
  const id = undoStepId(item);
  if (undo === undefined || id === undefined) return undefined;
  return {
    ...shared(view, item, deed),
    id,
    title: `take back: ${item.title}`,
    needs: [],
    preview: now => undo.preview(now),
    done: async ({ state }) => get(state.cutover?.items ?? {}, item.id)?.outcome === 'undone',
    async run(context, signal) {
      const startedAt = context.clock.now();
      const evidence = (await undo.done(context, signal))
        ? ['there was nothing to take back']
        : await undo.run(context, signal);
      await context.emit({
        type: 'cutover.item',
        item: item.id,
        outcome: 'undone',
        how: 'ran',
        startedAt,
        evidence: [...evidence],
      });
    },
  };
}

function shared(
  _view: View,
  item: Item,
  { retry }: Deed,
): Pick<Step, 'phase' | 'subject' | 'resources' | 'repeats'> & Partial<Step> {
  return {
    phase: 'cutover',
    subject: item.subject,
    resources: resourcesOf(item),
    repeats: true,
    ...(retry === undefined ? {} : { retry }),
  };
}

/** Deeds during which no pass and no proof may run: they need the copy for themselves, or end what a pass reads from. */
const ALONE: ReadonlySet<ChecklistItem['deed']> = new Set(['power-off', 'bring-up', 'commit']);

/** A deed and what takes it back never meet; giving a source back never waits for a copy that runs. */
function resourcesOf({ kind, subject, deed }: Item): Resource[] {
  if (kind === 'database') return [{ key: `database:${subject}`, units: 1 }];
  return [
    { key: `cutover:${subject}`, units: 1 },
    ...(ALONE.has(deed) ? [{ key: `replica:${subject}`, units: 1 }] : []),
  ];
}

/** The last copy has its time from the quiet on: the pass and its verification are what takes it. */
function beganAt({ state, clock }: StepContext, item: Item): number {
  const quiet = get(state.cutover?.machines ?? {}, item.subject)?.stopped?.quietAt;
  if (item.deed === 'last-copy' && quiet !== undefined) return quiet;
  return firstBegun(state, item) ?? clock.now();
}

function firstBegun(state: State, item: Item): number | undefined {
  const begun = get(state.steps, cutoverStepId(item) ?? '')?.startedAt;
  return begun === undefined || begun < (state.cutover?.startedAt ?? 0) ? undefined : begun;
}

const orderOf = (cutover: CutoverState | undefined, id: string): CutoverState['going'] =>
  cutover === undefined ? undefined : (get(cutover.ordered, id) ?? cutover.going);
