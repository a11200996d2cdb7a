import type { Checklist } from '../../checklist/index.ts';
import { counted } from '../../foundation/units.ts';
import { isOwed } from '../cutover-rules.ts';
import type { IntentId } from '../keys.ts';
import type { NextAction, View } from '../screen.ts';
import type { Line } from '../text/line.ts';
import { paneKey, paneState } from '../ui-state.ts';
import { checklistItems, type ListedItem } from './cutover-list.ts';
import { foremostAction, foremostLine } from './foremost.ts';
import { chosenIn, sentence } from './parts.ts';
import { orderedToWait } from './waiting.ts';

/** What an engineer does next in a cutover, and the sentence above the footer that says so. */

/** The item that is selected on the screen of the cutover. */
export function selectedItem(view: View): ListedItem | undefined {
  const list = view.outlook?.checklist();
  if (list === undefined) return undefined;
  const { filter = '', selected } = paneState(view.ui, paneKey('cutover', 'checklist'));
  // Rows are made only where a filter has to look through them.
  if (filter === '') return list.items.find(each => each.id === selected) ?? list.items[0];
  const id = chosenIn(view, 'cutover', 'checklist', checklistItems(view, list));
  return list.items.find(each => each.id === id);
}

/** What failed before what waits for somebody: the item to look at now. */
export function itemToDo(list: Checklist): ListedItem | undefined {
  const failed = list.items.find(each => each.status === 'failed');
  if (list.phase === 'aborting') return failed ?? list.items.find(isOwed);
  return failed ?? turnOf(list).at(0);
}

const turnOf = (list: Checklist): readonly ListedItem[] =>
  list.turn.flatMap(id => list.items.find(each => each.id === id) ?? []);

const isUnderWay = ({ phase }: Checklist): boolean =>
  phase === 'running' || phase === 'aborting' || phase === 'final';

export function cutoverNext(view: View): NextAction | undefined {
  const { outlook, snapshot } = view;
  if (outlook === undefined || snapshot === undefined) return undefined;
  const list = outlook.checklist();
  if (!isUnderWay(list)) return before(view, list);
  if (snapshot.connection === 'none') return { intent: 'start', words: 'start the engine' };
  const item = itemToDo(list);
  if (list.phase === 'aborting') return inAbort(view, list, item);
  if (item === undefined) return undefined;
  if (item.status === 'open' && item.deed !== undefined && item.id !== 'no-return')
    return { intent: 'cutover-go', words: 'go on' };
  if (selectedItem(view)?.id !== item.id) return { intent: 'cutover-turn', words: 'to what waits' };
  return actOn(item);
}

/** What failed of it is tried again by the same word; what people did they take back themselves. */
function inAbort(view: View, { items }: Checklist, item: ListedItem | undefined): NextAction {
  if (items.some(({ status }) => status === 'failed'))
    return { intent: 'cutover-abort', words: 'try again what failed' };
  if (item === undefined) return { intent: 'log', words: 'what is being taken back' };
  return selectedItem(view)?.id === item.id
    ? { intent: 'cutover-tick', words: 'it is taken back' }
    : { intent: 'cutover-turn', words: 'to what waits' };
}

function actOn(item: ListedItem): NextAction | undefined {
  if (item.status === 'failed') return { intent: 'cutover-run', words: 'try it again' };
  if (item.status !== 'open') return undefined;
  if (item.id === 'no-return') return { intent: 'cutover-run', words: 'cross the line' };
  return { intent: 'cutover-tick', words: 'tick it' };
}

/** Not begun, or over. */
function before(view: View, list: Checklist): NextAction | undefined {
  const foremost = foremostAction(view);
  if (foremost !== undefined) return foremost;
  if (list.phase === 'committed') return { intent: 'report', words: 'save the report' };
  return view.gates?.verdicts().overall === 'ready'
    ? { intent: 'cutover-go', words: 'begin the cutover' }
    : { intent: 'stage.ready', words: 'what still stands in the way' };
}

/** The same keys do other things before, in and after a cutover. */
export function cutoverHints(view: View): Readonly<Partial<Record<IntentId, string>>> {
  const list = view.outlook?.checklist();
  if (list === undefined) return {};
  const isGoing = view.snapshot?.state.cutover?.going !== undefined;
  return { 'cutover-go': !isUnderWay(list) ? 'begin' : isGoing ? 'hold' : 'go on' };
}

export function cutoverMessage(view: View): Line | undefined {
  const list = view.outlook?.checklist();
  if (list === undefined) return undefined;
  return isUnderWay(list)
    ? (orderedToWait(view) ?? underWay(view, list))
    : (foremostLine(view) ?? atRest(view, list));
}

function underWay({ glyphs, snapshot }: View, list: Checklist): Line {
  const failed = list.items.find(each => each.status === 'failed');
  if (failed !== undefined) {
    const [remedy] = failed.trouble?.next ?? [];
    const again = list.phase === 'aborting' ? 'A' : 'x';
    const way = list.phase === 'running' ? ' A takes everything back.' : '';
    return sentence(
      `${glyphs.bad} ${failed.id} failed: ${failed.trouble?.what ?? 'no reason was recorded'}.${remedy === undefined ? '' : ` Next: ${remedy};`} ${again} tries it again.${way}`,
      'bad',
    );
  }
  const running = list.items.filter(each => each.status === 'running' || each.status === 'ordered');
  const [first] = running;
  const owed = list.phase === 'aborting' ? list.items.find(isOwed) : undefined;
  if (owed !== undefined && first === undefined)
    return sentence(
      `${glyphs.warn} Aborting: waits for ${owed.owner ?? 'people'} to take back ${owed.id}: ${owed.rollback.join('; ')}. space says that it is.`,
      'warn',
    );
  if (list.phase === 'aborting')
    return sentence(
      `${glyphs.warn} Aborting: what was done is taken back, last first${first === undefined ? '' : `; now ${first.id}`}. l shows how far it is.`,
      'warn',
    );
  if (first !== undefined) {
    const more = running.length > 1 ? ` and ${counted(running.length - 1, 'more item')}` : '';
    return sentence(`${glyphs.busy} landfall works on ${first.id}${more}: ${first.title}.`, 'busy');
  }
  const turn = turnOf(list)[0];
  if (turn === undefined) return sentence(`${glyphs.unknown} Nothing has its turn.`, 'unknown');
  if (turn.id === 'no-return')
    return sentence(
      `${glyphs.warn} The point of no return: until here A takes everything back, behind it only the failback leads home. x crosses it, with the name typed.`,
      'warn',
    );
  const who = turn.owner === undefined ? 'people' : turn.owner;
  if (turn.deed === undefined)
    return sentence(`${glyphs.warn} Waits for ${who}: ${turn.title}. space ticks it.`, 'warn');
  const going = snapshot?.state.cutover?.going !== undefined;
  return sentence(
    `${glyphs.cursor} Next, by landfall: ${turn.title}.${going ? '' : ' > goes on until people are needed; x runs this alone.'}`.trimStart(),
    'accent',
  );
}

function atRest(view: View, list: Checklist): Line | undefined {
  const { glyphs } = view;
  if (list.phase === 'committed')
    return sentence(`${glyphs.ok} The cutover is complete: the copies are the machines now.`, 'good');
  const verdicts = view.gates?.verdicts();
  const stands = verdicts?.line.replaceAll(' · ', ` ${glyphs.dot} `) ?? '';
  if (list.phase === 'rolled-back')
    return sentence(`${glyphs.ok} Everything is back as it was before the cutover. ${stands}`, 'good');
  return verdicts?.overall === 'ready'
    ? sentence(`${glyphs.ok} ${stands}. > begins the cutover, with the name typed.`, 'good')
    : sentence(`${glyphs.bad} ${stands}. 7 shows what stands in the way.`, 'bad');
}
