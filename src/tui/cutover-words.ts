import { isBehind } from '../checklist/index.ts';
import { notReopenable } from './cutover-rules.ts';
import type { View } from './screen.ts';
import type { ListedItem } from './screens/cutover-list.ts';

/** `begin`, `begin dark`, `run quiet/web1`: what may stand behind the word, as on the command line. */
export function cutoverWords({ outlook }: View): readonly string[] {
  const list = outlook?.checklist();
  if (list === undefined) return [];
  if (list.phase !== 'running' && list.phase !== 'final') return ['begin', 'begin dark'];
  const isOpen = ({ status }: ListedItem): boolean => status === 'open' || status === 'failed';
  return [
    'go',
    'hold',
    'no-return',
    'abort',
    ...list.items.filter(isOpen).map(({ id, deed }) => `${deed === undefined ? 'tick' : 'run'} ${id}`),
    ...list.items.filter(each => isOpen(each) && each.optional).map(({ id }) => `skip ${id}`),
    ...list.items
      .filter(each => isBehind(each) && notReopenable(each) === undefined)
      .map(({ id }) => `reopen ${id}`),
  ];
}
