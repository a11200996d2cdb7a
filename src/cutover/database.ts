import {
  handoverStage,
  isClosedForHandover,
  previewOf,
  type Stage,
  stateOf,
  thawStage,
  workOf,
} from '../database/index.ts';
import type { EventOf } from '../journal/events.ts';
import { put } from '../journal/maps.ts';
import { SQL_RETRY } from '../step/retry.ts';
import type { StepContext, View } from '../step/step.ts';
import type { Deed } from './deed.ts';

type Order = Omit<EventOf<'database.ordered'>, 'type' | 'database'>;

/**
 * The hand-over up to its point of no return: frozen, drained, compared. What is typed for the item, or for the whole
 * cutover, is the typed name that a hand-over asks for.
 */
export function drainDeed(name: string): Deed {
  const order: Order = { order: 'handover', until: 'drained', confirmed: name, reason: 'the cutover' };
  return {
    ...under(name, handoverStage, order),
    async done(context, signal) {
      if (stateOf(context, name).handover?.drained === undefined) return false;
      return isClosedForHandover(workOf(context, name, await context.sql(name), signal));
    },
    async run(context, signal) {
      await carryOut(context, name, handoverStage, order, signal);
      return stateOf(context, name).handover?.drained?.evidence ?? [];
    },
    undo: {
      ...under(name, thawStage, THAW),
      done: async ({ state }) => {
        const { handover, ordered } = stateOf({ state }, name);
        return handover === undefined && ordered['handover'] === undefined && ordered['thaw'] === undefined;
      },
      async run(context, signal) {
        await carryOut(context, name, thawStage, THAW, signal);
        return ['production takes writes again; the copy goes on to follow it'];
      },
    },
    retry: SQL_RETRY,
  };
}

const THAW: Order = { order: 'thaw', reason: 'the cutover was aborted' };

/** The hand-over goes on behind the line: severed, opened, written to. In the dark with what has arrived. */
export function openDeed(name: string, dark: boolean): Deed {
  const order = ({ state }: Pick<View, 'state'>): Order => ({
    order: 'handover',
    confirmed: name,
    reason: `the point of no return of the cutover, passed by ${state.cutover?.noReturn?.by ?? 'whoever decides'}`,
    ...(dark ? { dark } : {}),
  });
  return {
    preview: view => under(name, handoverStage, order(view)).preview(view),
    done: async ({ state }) => stateOf({ state }, name).handover?.ended !== undefined,
    async run(context, signal) {
      await carryOut(context, name, handoverStage, order(context), signal);
      const { handover } = stateOf(context, name);
      const lost = handover?.ended?.lost ?? [];
      return [
        ...(handover?.steps ?? []).filter(({ status }) => status !== 'failed').map(({ title }) => title),
        ...(lost.length === 0 ? ['nothing is lost'] : lost.map(each => `lost: ${each}`)),
      ];
    },
    retry: SQL_RETRY,
  };
}

/** What is shown is what will be sent once the order is given. */
const under = (name: string, stage: Stage, order: Order): Pick<Deed, 'preview'> => ({
  preview: view => previewOf(asOrdered(view, name, order), name, stage),
});

function asOrdered(view: View, name: string, order: Order): View {
  const known = stateOf(view, name);
  const given = { ...order, at: view.state.lastAt, by: '' };
  const databases = put(view.state.databases, name, {
    ...known,
    ordered: { ...known.ordered, [order.order]: given },
  });
  return { plan: view.plan, state: { ...view.state, databases } };
}

/** The order stands in the journal before the first statement: a run that was cut off finds it. */
async function carryOut(
  context: StepContext,
  name: string,
  stage: Stage,
  order: Order,
  signal: AbortSignal,
): Promise<void> {
  const given = stateOf(context, name).ordered[order.order];
  if (given === undefined || given.until !== order.until || given.dark !== order.dark)
    await context.emit({ type: 'database.ordered', database: name, ...order });
  await stage.run(workOf(context, name, await context.sql(name), signal));
}
