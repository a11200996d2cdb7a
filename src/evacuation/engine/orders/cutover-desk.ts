import {
  type Checklist,
  type ChecklistItem,
  checklistOf,
  type ItemProgress,
  isBehind,
} from '../../../checklist/index.ts';
import { didYouMean, listed } from '../../../foundation/spelling.ts';
import type { CutoverState } from '../../../journal/state.ts';
import type { CommandOf } from '../command.ts';
import { type Desktop, refuse } from './decision.ts';

/** What the orders of a cutover have in common. */

export type Item = ChecklistItem & ItemProgress;

export const nameOf = ({ plan, state }: Desktop): string => state.evacuation?.name ?? plan.name;

export const listOf = (desk: Desktop): Checklist => checklistOf(desk, desk.now);

/** The cutover that goes forward, refusing where there is none, or where none goes on. */
export function requireRunning(desk: Desktop): CutoverState {
  const { cutover } = desk.state;
  const name = nameOf(desk);
  if (cutover === undefined)
    throw refuse('no cutover has begun', [`begin it: landfall cutover ${name} begin --confirm ${name}`]);
  if (cutover.ended !== undefined)
    throw refuse(
      cutover.ended.outcome === 'committed' ? 'the cutover is complete' : 'the cutover was taken back',
      cutover.ended.outcome === 'committed'
        ? [`the way home: landfall failback ${name}`]
        : [`begin another one: landfall cutover ${name} begin --confirm ${name}`],
    );
  return cutover;
}

/** The same, and not while it is being taken back. */
export function requireForward(desk: Desktop): CutoverState {
  const cutover = requireRunning(desk);
  if (cutover.aborted !== undefined)
    throw refuse(
      `the cutover was aborted by ${cutover.aborted.by} and is being taken back`,
      [`see how far it is: landfall cutover ${nameOf(desk)}`],
      'what is taken back cannot go forward',
    );
  return cutover;
}

/** The item that is meant; `act` as it stands in the command. */
export function requireItem(desk: Desktop, list: Checklist, { act, item: id }: CommandOf<'cutover'>): Item {
  if (id === undefined)
    throw refuse(`${act} needs an item of the checklist`, [
      list.turn.length === 0
        ? `see them: landfall cutover ${nameOf(desk)}`
        : `its turn: ${listed(list.turn)}`,
    ]);
  const item = list.items.find(each => each.id === id);
  if (item !== undefined) return item;
  const known = list.items.map(each => each.id);
  throw refuse(`the checklist has no item called ${id}`, [
    didYouMean(id, known) ?? `see them: landfall cutover ${nameOf(desk)}`,
  ]);
}

/** What stands before an item and is neither done nor skipped. */
export function openNeeds(list: Checklist, { needs }: Item): Item[] {
  return list.items.filter(each => needs.includes(each.id) && !isBehind(each));
}

/** `quiet/web1, drain/Orders and 3 more`. */
export function few(ids: readonly string[]): string {
  return ids.length <= 4 ? listed(ids) : `${ids.slice(0, 3).join(', ')} and ${ids.length - 3} more`;
}

export function refuseEarly(list: Checklist, item: Item): void {
  const open = openNeeds(list, item);
  if (open.length > 0)
    throw refuse(`it is not the turn of ${item.id} yet`, [`before it: ${few(open.map(({ id }) => id))}`]);
}

/** Steps of a cutover that have failed, of this one or of one before it. */
export const failedSteps = ({ state }: Desktop): string[] =>
  Object.values(state.steps).flatMap(({ id, phase, status }) =>
    phase === 'cutover' && status === 'failed' ? [id] : [],
  );
