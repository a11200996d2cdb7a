import { checklistOf, type ItemCommand } from '../checklist/index.ts';
import { LandfallError } from '../foundation/errors.ts';
import { type Action, describe } from '../step/action.ts';
import type { View } from '../step/step.ts';
import { deedOf } from './deeds.ts';

/** The exact commands of every item that landfall runs, from the previews of their deeds. */
export function cutoverCommands(
  view: View,
  options: { readonly dark?: boolean } = {},
): Readonly<Record<string, readonly ItemCommand[]>> {
  const list = checklistOf(view, view.state.lastAt, options);
  return Object.fromEntries(
    list.items.flatMap((item): [string, ItemCommand[]][] => {
      const deed = deedOf(item, list.dark);
      if (deed === undefined) return [];
      const commands = actionsOf(() => deed.preview(view)).map(commandOf);
      return commands.length === 0 ? [] : [[item.id, commands]];
    }),
  );
}

/** Nothing that the world has not told yet may cost the whole list: such an item has no exact commands. */
function actionsOf(preview: () => readonly Action[]): readonly Action[] {
  try {
    return preview();
  } catch (thrown) {
    if (thrown instanceof LandfallError) return [];
    throw thrown;
  }
}

function commandOf(action: Action): ItemCommand {
  if (action.kind !== 'sql') return { host: action.host, line: describe(action) };
  const [first = '', ...rest] = describe(action).split('\n');
  const title = action.note?.split('\n')[0];
  return {
    host: action.host,
    line: rest.length === 0 ? first : `${first} …${title === undefined ? '' : `   -- ${title}`}`,
  };
}
