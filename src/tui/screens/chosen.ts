import type { Item } from '../screen.ts';
import type { PaneState } from '../ui-state.ts';

/** The item that a list shows as selected: for a pane beside it that tells more of it. */
export function chosenOf(items: readonly Item[], { filter, selected }: PaneState): Item | undefined {
  const wanted = filter?.toLowerCase() ?? '';
  const shown = items.filter(
    item => item.heading !== true && (wanted === '' || item.search.toLowerCase().includes(wanted)),
  );
  return shown.find(item => item.id === selected) ?? shown[0];
}
