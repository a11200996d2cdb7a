import { type Checklist, isBehind } from '../checklist/index.ts';
import type { View } from './screen.ts';
import type { ListedItem } from './screens/cutover-list.ts';

/** Why an order along the checklist would be refused, in words that stand after "not now:"; the engine has the last word. */

const phaseOf = ({ outlook }: View): Checklist['phase'] | undefined => outlook?.checklist().phase;

/** It goes forward: neither at rest nor being taken back. */
export function goesForward(view: View): boolean {
  const phase = phaseOf(view);
  return phase === 'running' || phase === 'final';
}

export function notGoing(view: View): string | undefined {
  const phase = phaseOf(view);
  if (phase === 'aborting') return 'what was done is being taken back';
  return phase === 'committed' ? 'the cutover is complete' : undefined;
}

/** Given again, an abort tries again what failed of it. */
export function notAbortable({ outlook, snapshot }: View): string | undefined {
  const cutover = snapshot?.state.cutover;
  if (cutover === undefined || cutover.ended?.outcome === 'rolled-back') return 'no cutover has begun';
  if (cutover.noReturn !== undefined || cutover.ended !== undefined)
    return 'the point of no return is crossed: the way back is the failback';
  // Every screen asks this every second: the list is looked through only where it can say something.
  if (cutover.aborted === undefined || outlook?.checklist().items.some(({ status }) => status === 'failed'))
    return undefined;
  return 'it is aborted already: what was done is being taken back';
}

function notForward(view: View): string | undefined {
  if (goesForward(view)) return undefined;
  return notGoing(view) ?? 'the cutover has not begun; > begins it';
}

/** In an abort: what people did and have to take back themselves. */
export const isOwed = ({ deed, rollback, record, id }: ListedItem): boolean =>
  deed === undefined && id !== 'no-return' && rollback.length > 0 && record?.outcome === 'done';

export function notTickable(view: View, item: ListedItem | undefined): string | undefined {
  if (phaseOf(view) === 'aborting')
    return item !== undefined && isOwed(item) ? undefined : 'what was done is being taken back';
  const early = notForward(view);
  if (early !== undefined) return early;
  if (item === undefined) return 'no item is selected';
  if (item.id === 'no-return') return 'the point of no return is crossed with x, and a name that is typed';
  if (isBehind(item)) return notReopenable(item);
  if (item.deed !== undefined) return 'landfall does it: x runs it';
  return item.status === 'waiting' ? waitsFor(view, item) : undefined;
}

/** What was done to a server is taken back by an abort, and by nothing else. */
export function notReopenable({ deed, status, id }: ListedItem): string | undefined {
  if (id === 'gates' || id === 'no-return') return 'that was said with a name, and stays said';
  return deed === undefined || deed === 'check' || status === 'skipped'
    ? undefined
    : 'it was carried out: what it changed stays changed, until an abort takes it back';
}

export function notRunnable(view: View, item: ListedItem | undefined): string | undefined {
  const phase = phaseOf(view);
  if (item?.deed === 'gates' && (phase === 'not-begun' || phase === 'rolled-back')) return undefined;
  const early = notForward(view);
  if (early !== undefined) return early;
  if (item === undefined) return 'no item is selected';
  if (item.status === 'running') return 'it runs already';
  if (item.status === 'ordered') return 'it was ordered already, and runs when its turn comes';
  if (isBehind(item)) return `it is ${item.status} already`;
  if (item.id !== 'no-return' && item.deed === undefined) return 'people do it: space ticks it';
  return item.status === 'waiting' ? waitsFor(view, item) : undefined;
}

export function notSkippable(view: View, item: ListedItem | undefined): string | undefined {
  const early = notForward(view);
  if (early !== undefined) return early;
  if (item === undefined) return 'no item is selected';
  if (isBehind(item)) return `it is ${item.status} already`;
  if (!item.optional) return 'it may not be left out';
  if (item.status === 'running') return 'it runs; it can be skipped where it fails';
  return item.status === 'waiting' ? waitsFor(view, item) : undefined;
}

function waitsFor({ outlook }: View, { needs }: ListedItem): string {
  const items = outlook?.checklist().items ?? [];
  const first = needs.find(id => !items.some(each => each.id === id && isBehind(each)));
  return first === undefined ? 'its turn has not come' : `${first} comes first`;
}
