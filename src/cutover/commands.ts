import { checklistOf, type ItemCommand } from '../checklist/index.ts';
import { LandfallError } from '../foundation/errors.ts';
import { type Action, describe, isUnknown, type Word } from '../step/action.ts';
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
  const { host } = action;
  if (action.kind === 'sql') return statement(action);
  if (action.kind === 'write')
    return {
      host,
      line: describe(action),
      ...(isUnknown(action.content) ? {} : { text: linesOf(action.content) }),
    };
  const script = action.argv.find(word => !isUnknown(word) && word.includes('\n'));
  if (script === undefined || isUnknown(script)) return { host, line: describe(action) };
  const argv = action.argv.map((word): Word => (word === script ? SCRIPT : word));
  return { host, line: describe({ ...action, argv }), text: linesOf(script) };
}

/** Stands in a line where a script of several lines does. */
const SCRIPT: Word = { unknown: 'script', from: '' };

const linesOf = (text: string): string[] => text.replace(/\n$/, '').split('\n');

function statement(action: Extract<Action, { kind: 'sql' }>): ItemCommand {
  const text = describe(action).split('\n');
  const [first = '', ...rest] = text;
  const title = action.note?.split('\n')[0];
  return rest.length === 0
    ? { host: action.host, line: first }
    : { host: action.host, line: `${first} …${title === undefined ? '' : `   -- ${title}`}`, text };
}
