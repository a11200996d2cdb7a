import { harmless } from '../foundation/text.ts';
import { type Action, describe, waitsFor } from '../step/action.ts';

type SqlAction = Extract<Action, { kind: 'sql' }>;

/** Neighbours that go to one server and one database stand in one block; any other action stands alone. */
export function groupSql(actions: readonly Action[]): (readonly SqlAction[] | Action)[] {
  const groups: (SqlAction[] | Action)[] = [];
  for (const action of actions) {
    const last = groups.at(-1);
    if (action.kind !== 'sql') groups.push(action);
    else if (
      Array.isArray(last) &&
      last[0]?.host === action.host &&
      last[0]?.database === action.database &&
      last[0]?.reads === action.reads
    )
      last.push(action);
    else groups.push([action]);
  }
  return groups;
}

/** Batches as a DBA reads them: what for, the very text, GO. */
export function sqlBlock(actions: readonly SqlAction[], indent: string): string[] {
  return actions.flatMap(action => [
    ...(action.note === undefined
      ? []
      : action.note.split('\n').map(note => `${indent}-- ${harmless(note)}`)),
    ...describe(action)
      .trim()
      .split('\n')
      .map(each => `${indent}${harmless(each)}`.trimEnd()),
    ...waitsFor(action).map(
      ({ unknown, from }) => `${indent}-- waits for ${harmless(unknown)}, from ${harmless(from)}`,
    ),
    `${indent}GO`,
  ]);
}
