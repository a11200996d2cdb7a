import { type Checklist, checklistOf } from '../../checklist/index.ts';
import { peopleOwe } from '../../cutover/index.ts';
import type { CommandOf } from '../../evacuation/engine/command.ts';
import type { State } from '../../journal/state.ts';
import type { Plan } from '../../plan/schema.ts';

/** Which story a rehearsal of the cutover tells. */
export type Story = 'cutover' | 'abort' | 'site-lost';

/** What the lab does next; every move is made when nothing runs and nothing could start. */
export type Move =
  | { readonly kind: 'order'; readonly command: CommandOf<'cutover'> }
  /** A record of the plan is changed in the zone of the lab, and ticked off. */
  | { readonly kind: 'switch'; readonly item: string; readonly record: string }
  /** One more pass of every machine, after an abort: it has to be a small one. */
  | { readonly kind: 'next-pass' }
  /** Something failed; an engineer would look now, and order these items once more. */
  | { readonly kind: 'stuck'; readonly why: readonly string[]; readonly items?: readonly string[] }
  | { readonly kind: 'over' };

/** The reason of the passes that show what an abort has left. */
export const AFTER_ABORT = 'LAB: after an abort the next pass carries the difference only';
export const WHY_ABORT = 'LAB: the rehearsal gives up at the worst moment';

const order = (command: Omit<CommandOf<'cutover'>, 'kind'>): Move => ({
  kind: 'order',
  command: { kind: 'cutover', ...command },
});

/** The next move of a story, from plan and state alone: an interrupted rehearsal goes on where it was. */
export function nextMove(
  story: Story,
  view: { readonly plan: Plan; readonly state: State },
  now: number,
): Move {
  const { plan, state } = view;
  const { cutover } = state;
  if (cutover === undefined) {
    return order({
      ...{ act: 'begin', confirm: plan.name, rehearse: true, dark: story === 'site-lost' },
      reason: 'LAB: a rehearsal goes on over what the lab cannot have',
    });
  }
  const list = checklistOf(view, now);
  switch (list.phase) {
    case 'committed':
      return { kind: 'over' };
    case 'rolled-back':
      return afterAbort(state);
    case 'aborting':
      return backOut(list);
    default:
      return forward(story, list, plan);
  }
}

function forward(story: Story, list: Checklist, plan: Plan): Move {
  const failed = list.items.filter(({ status }) => status === 'failed');
  if (failed.length > 0) {
    return {
      kind: 'stuck',
      items: failed.map(({ id }) => id),
      why: failed.flatMap(({ id, trouble }) => [
        `${id}: ${trouble?.what ?? 'failed'}`,
        ...(trouble?.next ?? []),
      ]),
    };
  }
  const isUp = list.items.filter(({ deed }) => deed === 'bring-up').every(({ status }) => status === 'done');
  if (story === 'abort' && isUp) return order({ act: 'abort', reason: WHY_ABORT });
  const due = list.items.filter(({ id }) => list.turn.includes(id));
  const people = due.find(({ deed, id }) => deed === undefined && id !== 'no-return');
  if (people !== undefined) {
    return people.id.startsWith('switch/dns/')
      ? { kind: 'switch', item: people.id, record: people.subject }
      : order({ act: 'tick', item: people.id });
  }
  if (due.some(({ id }) => id === 'no-return')) return order({ act: 'no-return', confirm: plan.name });
  if (due.some(({ deed }) => deed !== undefined)) return order({ act: 'go', confirm: plan.name });
  return { kind: 'stuck', why: ['nothing is left to do, and the cutover is not over'] };
}

/** The abort waits for what people have to take back by hand. */
function backOut(list: Checklist): Move {
  const [owed] = peopleOwe(list.items);
  if (owed !== undefined) return order({ act: 'tick', item: owed.id });
  return { kind: 'stuck', why: ['what was done is not taken back: see the failed steps'] };
}

function afterAbort(state: State): Move {
  const machines = Object.values(state.machines);
  const asked = machines.every(
    ({ requested, passes }) =>
      requested?.reason === AFTER_ABORT || passes.some(({ reason }) => reason === AFTER_ABORT),
  );
  return asked ? { kind: 'over' } : { kind: 'next-pass' };
}
