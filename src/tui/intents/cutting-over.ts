import { isBehind } from '../../checklist/index.ts';
import type { CommandOf } from '../../evacuation/engine/command.ts';
import type { App, Intent, IntentScope } from '../app.ts';
import {
  goesForward,
  notAbortable,
  notGoing,
  notRunnable,
  notSkippable,
  notTickable,
} from '../cutover-rules.ts';
import type { View } from '../screen.ts';
import type { ListedItem } from '../screens/cutover-list.ts';
import { itemToDo, selectedItem } from '../screens/cutover-next.ts';
import { placeOf } from '../ui-state.ts';
import { arrive } from './arriving.ts';
import { askAbort, askBegin, askGo, askNoReturn, askReopen, askRun, askSkip } from './cutover-questions.ts';
import { order } from './order.ts';
import { needsEngine } from './selection.ts';

/** Keys and words of the cutover. Whatever changes something on hosts shows its commands first, or wants a name typed. */
export const CUTTING_OVER: readonly Intent[] = [
  {
    id: 'cutover-tick',
    disabled: scope => notTickable(scope.view, selectedItem(scope.view)) ?? needsEngine(scope),
    run: app => withSelected(app, item => tick(app, item)),
  },
  {
    id: 'cutover-run',
    disabled: scope => notRunnable(scope.view, selectedItem(scope.view)) ?? needsEngine(scope),
    run: app => withSelected(app, item => run(app, item)),
  },
  { id: 'cutover-go', disabled: scope => notGoing(scope.view) ?? needsEngine(scope), run: app => go(app) },
  {
    id: 'cutover-abort',
    disabled: scope => notAbortable(scope.view) ?? needsEngine(scope),
    run: app => abort(app),
  },
  {
    id: 'cutover-skip',
    disabled: scope => notSkippable(scope.view, selectedItem(scope.view)) ?? needsEngine(scope),
    run: app => withSelected(app, item => askSkip(app, item)),
  },
  {
    id: 'cutover-turn',
    disabled: ({ view }) => (toDo(view) === undefined ? 'no item of the checklist has its turn' : undefined),
    run: app => toTurn(app),
  },
  {
    id: 'cutover',
    disabled: (scope, words) => (words === undefined ? undefined : notActing(scope, words)),
    run: (app, words) => act(app, words),
  },
];

const toDo = ({ outlook }: View): ListedItem | undefined =>
  outlook === undefined ? undefined : itemToDo(outlook.checklist());

/** Puts the cursor on the item whose turn it is; from there on only the engineer moves it. */
export function toTurn(app: App): void {
  const item = toDo(app.current().view);
  if (item !== undefined) select(app, item.id);
}

const select = (app: App, selected: string): void =>
  app.store.act({ type: 'pane-state', key: 'cutover/checklist', change: { selected } });

function withSelected(app: App, act: (item: ListedItem) => void | Promise<void>): void | Promise<void> {
  const item = selectedItem(app.current().view);
  return item === undefined ? undefined : act(item);
}

/** Given again while it is taken back, what failed of that is tried again. */
async function abort(app: App): Promise<void> {
  if (app.current().view.outlook?.checklist().phase !== 'aborting') askAbort(app);
  else await order(app, { kind: 'cutover', act: 'abort' });
}

type Act = CommandOf<'cutover'>['act'];

async function tick(app: App, item: ListedItem): Promise<void> {
  if (isBehind(item) && goesForward(app.current().view)) askReopen(app, item);
  else await order(app, { kind: 'cutover', act: 'tick', item: item.id });
}

function run(app: App, item: ListedItem): void | Promise<void> {
  if (item.deed === 'gates') return askBegin(app);
  if (item.id === 'no-return') return askNoReturn(app);
  return app.keys.until(askRun(app, item));
}

/** Begins what has not begun; in a cutover it goes on, or holds. */
async function go(app: App): Promise<void> {
  const { view } = app.current();
  const list = view.outlook?.checklist();
  if (list === undefined) return;
  if (!goesForward(view)) askBegin(app);
  else if (view.snapshot?.state.cutover?.going === undefined) await askGo(app);
  else await order(app, { kind: 'cutover', act: 'hold' });
}

interface Told {
  readonly act: Act;
  readonly item: ListedItem | undefined;
  readonly dark: boolean;
}

const ACTS: readonly Act[] = ['begin', 'go', 'hold', 'run', 'tick', 'skip', 'reopen', 'no-return', 'abort'];

function toldBy({ outlook }: View, words: string): Told | undefined {
  const [first = '', ...rest] = words.trim().split(/\s+/);
  const act = ACTS.find(each => each === first);
  const name = rest.join(' ');
  const item = outlook?.checklist().items.find(({ id }) => id === name);
  return act === undefined ? undefined : { act, item, dark: name === 'dark' };
}

function notActing(scope: IntentScope, words: string): string | undefined {
  const { view } = scope;
  const told = toldBy(view, words);
  if (told === undefined) return `"${words}" is none of ${ACTS.join(', ')}`;
  const { act, item } = told;
  if (act === 'begin')
    return goesForward(view) ? 'it has begun already' : (notGoing(view) ?? needsEngine(scope));
  if (act === 'abort') return notAbortable(view) ?? needsEngine(scope);
  const early = needsEngine(scope);
  if (early !== undefined) return early;
  if (act === 'go' || act === 'hold')
    return notGoing(view) ?? (goesForward(view) ? undefined : 'the cutover has not begun');
  if (act === 'no-return') return notRunnable(view, lineOf(view));
  if (item === undefined) return `say which item: ${act} ITEM`;
  if (act === 'run') return notRunnable(view, item);
  return act === 'skip' ? notSkippable(view, item) : notTickable(view, item);
}

const lineOf = ({ outlook }: View): ListedItem | undefined =>
  outlook?.checklist().items.find(({ id }) => id === 'no-return');

/** Without a word it shows the checklist. */
async function act(app: App, words: string | undefined): Promise<void> {
  if (placeOf(app.current().view.ui).screen !== 'cutover') {
    app.store.act({ type: 'go', place: { screen: 'cutover' } });
    arrive(app, 'cutover');
  }
  const told = words === undefined ? undefined : toldBy(app.current().view, words);
  if (told === undefined) return;
  const { act: what, item, dark } = told;
  if (item !== undefined) select(app, item.id);
  if (what === 'begin') askBegin(app, dark);
  else if (what === 'abort') await abort(app);
  else if (what === 'no-return') askNoReturn(app);
  else if (what === 'go') await askGo(app);
  else if (what === 'hold') await order(app, { kind: 'cutover', act: 'hold' });
  else if (item !== undefined && what === 'run') await run(app, item);
  else if (item !== undefined && what === 'skip') askSkip(app, item);
  else if (item !== undefined) await tick(app, item);
}
