import { SqlError, unsupported } from '../errors.ts';
import { PAUSE } from '../query/bound.ts';
import { bindQuery } from '../query/index.ts';
import type { ResultColumn } from '../server/replies.ts';
import type { QueryExpression } from '../syntax/queries.ts';
import type { FlowStatement } from '../syntax/statements.ts';
import { assignValue } from '../values/index.ts';
import type { Value } from '../values/types.ts';
import { drive } from './driver.ts';
import type { Frame } from './frame.ts';
import type { Runtime } from './runtime.ts';
import { done } from './statement-end.ts';
import { scalarType } from './variables.ts';

/** A cursor over rows that are read when it is opened (STATIC), which every other kind may fall back to. */
export interface Cursor {
  readonly name: string;
  readonly query: QueryExpression;
  readonly scrolls: boolean;
  /** Of its declaration: variables and names mean there what they meant then. */
  readonly frame: Frame;
  /** CURSOR_STATUS: 1 open with rows, 0 open without, -1 closed. */
  status: number;
  columns: readonly ResultColumn[];
  rows: readonly (readonly Value[])[] | undefined;
  /** Place of the row fetched last; -1 before the first. */
  place: number;
}

type CursorStatement = Extract<
  FlowStatement,
  { statement: 'declare-cursor' | 'open-cursor' | 'close-cursor' | 'deallocate-cursor' | 'fetch' }
>;

const KNOWN: ReadonlySet<string> = new Set([
  'LOCAL',
  'GLOBAL',
  'FORWARD_ONLY',
  'SCROLL',
  'STATIC',
  'FAST_FORWARD',
  'READ_ONLY',
  'READ ONLY',
  'FOR READ ONLY',
  'INSENSITIVE',
  'TYPE_WARNING',
]);

export async function runCursorStatement(runtime: Runtime, statement: CursorStatement): Promise<void> {
  switch (statement.statement) {
    case 'declare-cursor':
      return declare(runtime, statement);
    case 'open-cursor':
      return open(runtime, find(runtime, statement.name));
    case 'close-cursor': {
      const cursor = find(runtime, statement.name);
      requireOpen(cursor);
      close(cursor);
      runtime.state.rowCount = 0;
      return;
    }
    case 'deallocate-cursor':
      forget(runtime, find(runtime, statement.name));
      runtime.state.rowCount = 0;
      return;
    case 'fetch':
      return fetch(runtime, statement);
  }
}

/** @throws SqlError 16915 */
function declare(
  runtime: Runtime,
  statement: Extract<CursorStatement, { statement: 'declare-cursor' }>,
): void {
  const { options } = statement;
  const unknown = options.find(option => !KNOWN.has(option));
  if (unknown !== undefined) throw unsupported(`a cursor that is ${unknown}`, statement.line);
  const key = statement.name.toLowerCase();
  const local = options.includes('LOCAL');
  const place = local ? runtime.frame.cursors : runtime.state.globalCursors;
  if (place.has(key)) throw new SqlError(16915, `A cursor with the name '${statement.name}' already exists.`);
  const forwardOnly = options.includes('FORWARD_ONLY') || options.includes('FAST_FORWARD');
  place.set(key, {
    name: statement.name,
    query: statement.query,
    scrolls: !forwardOnly && ['SCROLL', 'STATIC', 'INSENSITIVE'].some(each => options.includes(each)),
    frame: runtime.frame,
    status: -1,
    columns: [],
    rows: undefined,
    place: -1,
  });
}

/** @throws SqlError 16916 */
function find(runtime: Runtime, name: string): Cursor {
  const key = name.toLowerCase();
  const found = runtime.frame.cursors.get(key) ?? runtime.state.globalCursors.get(key);
  if (found) return found;
  throw new SqlError(16916, `A cursor with the name '${name}' does not exist.`);
}

/** @throws SqlError 16905 where it is open already */
async function open(runtime: Runtime, cursor: Cursor): Promise<void> {
  if (cursor.rows) throw new SqlError(16905, 'The cursor is already open.');
  await drive(runtime, false, async ({ evaluation }) => {
    const bound = bindQuery(cursor.query, runtime.scope);
    const rows: (readonly Value[])[] = [];
    for (const row of bound.run(evaluation))
      if (row === PAUSE) await runtime.turn();
      else rows.push(row);
    cursor.columns = bound.columns;
    cursor.rows = rows;
    cursor.status = rows.length === 0 ? 0 : 1;
    runtime.state.rowCount = rows.length;
  });
  cursor.place = -1;
}

const requireOpen = (cursor: Cursor): void => {
  if (!cursor.rows) throw new SqlError(16917, 'Cursor is not open.');
};

function close(cursor: Cursor): void {
  cursor.rows = undefined;
  cursor.status = -1;
  cursor.place = -1;
}

function forget({ frame, state }: Runtime, cursor: Cursor): void {
  const key = cursor.name.toLowerCase();
  if (frame.cursors.get(key) === cursor) frame.cursors.delete(key);
  else state.globalCursors.delete(key);
}

/** @throws SqlError 16911 for a direction that the cursor does not go, 16924 for the wrong number of variables */
async function fetch(
  runtime: Runtime,
  { name, direction, into }: Extract<CursorStatement, { statement: 'fetch' }>,
): Promise<void> {
  const { state, frame } = runtime;
  const cursor = find(runtime, name);
  requireOpen(cursor);
  const rows = cursor.rows ?? [];
  if (direction !== 'next' && !cursor.scrolls)
    throw new SqlError(16911, `fetch: The fetch type ${direction} cannot be used with forward only cursors.`);
  if (into.length > 0 && into.length !== cursor.columns.length)
    throw new SqlError(
      16924,
      'Cursorfetch: The number of variables declared in the INTO list must match that of selected columns.',
    );
  const place = { next: cursor.place + 1, prior: cursor.place - 1, first: 0, last: rows.length - 1 }[
    direction
  ];
  const row = rows[place];
  cursor.place = Math.min(Math.max(place, -1), rows.length);
  state.fetchStatus = row ? 0 : -1;
  state.rowCount = row ? 1 : 0;
  if (into.length > 0) {
    if (row)
      for (const [at, variable] of into.entries())
        frame.variables.set(
          variable.toLowerCase(),
          assignValue(row[at] ?? null, cursor.columns[at]?.type, scalarType(runtime, variable)),
        );
    return;
  }
  state.output.columns(cursor.columns);
  if (row) state.output.rows([row]);
  done(runtime, row ? 1 : 0, true);
  await state.output.ready();
}
