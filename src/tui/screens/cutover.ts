import type { Checklist } from '../../checklist/index.ts';
import type { Pane, Screen, View } from '../screen.ts';
import { wrap } from '../text/line.ts';
import { clockLines, clockTitle } from './cutover-clocks.ts';
import { aboutItem } from './cutover-item.ts';
import { checklistItems } from './cutover-list.ts';
import { cutoverHints, cutoverMessage, cutoverNext } from './cutover-next.ts';
import { peopleAndRecords } from './cutover-people.ts';
import { chosenIn, detailPane } from './parts.ts';

/** Stage 8: the checklist in the order of execution, the selected item at length, and the two clocks. */
export const cutover: Screen = {
  id: 'cutover',
  title: view => titleOf(view),
  panes: view => (view.outlook === undefined ? [nothing()] : panesOf(view, view.outlook.checklist())),
  next: view => cutoverNext(view),
  hints: view => cutoverHints(view),
  message: view => cutoverMessage(view),
};

function titleOf({ outlook }: View): string {
  if (outlook === undefined) return 'Cutover: the switch to the target';
  return `Cutover: the switch to the target, ${outlook.checklist().marks.join(', ')}`.replace(/, $/, '');
}

function panesOf(view: View, list: Checklist): Pane[] {
  const items = checklistItems(view, list);
  const id = chosenIn(view, 'cutover', 'checklist', items);
  const chosen = list.items.find(each => each.id === id);
  return [
    {
      kind: 'list',
      id: 'checklist',
      title: clockTitle(view, list),
      weight: 3,
      empty: 'The plan has neither machines nor databases.',
      items,
    },
    ...(chosen === undefined
      ? []
      : [
          detailPane(chosen.id, chosen.id, width => aboutItem(view, list, chosen, width), {
            weight: 2,
            beside: true,
          }),
        ]),
    ...clocks(view, list),
    peopleAndRecords(view),
  ];
}

/** On low terminals the title of the checklist has both clocks, and the message what is next. */
const clocks = (view: View, list: Checklist): Pane[] =>
  view.ui.rows < 30
    ? []
    : [
        {
          kind: 'text',
          id: 'clocks',
          title: 'clocks',
          most: 8,
          beside: true,
          lines: width => clockLines(view, list, width),
        },
      ];

const nothing = (): Pane => ({
  kind: 'text',
  id: 'nothing',
  title: 'checklist',
  lines: width => wrap('No evacuation is open.', width, 'muted'),
});
