/** A naive model of three tables with keys, checks and foreign keys: every statement is done, and then everything is looked at. */

export type Cell = number | null;
export type TableName = 'a' | 'b' | 'c';
export type Row = Readonly<Record<string, Cell>>;
export type State = Readonly<Record<TableName, readonly Row[]>>;
export type Action = 'NO ACTION' | 'CASCADE' | 'SET NULL' | 'SET DEFAULT';

export interface Actions {
  readonly ab: { readonly onDelete: Action; readonly onUpdate: Action };
  readonly bc: { readonly onDelete: Action; readonly onUpdate: Action };
}

export const COLUMNS: Readonly<Record<TableName, readonly string[]>> = {
  a: ['id', 'u', 'v'],
  b: ['id', 'a', 'u'],
  c: ['id', 'b', 'a'],
};

export const EMPTY: State = { a: [], b: [], c: [] };

export const definitions = ({ ab, bc }: Actions): string => `
  CREATE TABLE a (id int NOT NULL PRIMARY KEY, u int NULL UNIQUE, v int NULL CHECK (v <> 3));
  CREATE TABLE b (id int NOT NULL PRIMARY KEY,
    a int NULL DEFAULT 0 REFERENCES a ON DELETE ${ab.onDelete} ON UPDATE ${ab.onUpdate}, u int NULL UNIQUE);
  CREATE TABLE c (id int NOT NULL PRIMARY KEY,
    b int NULL DEFAULT 0 REFERENCES b ON DELETE ${bc.onDelete} ON UPDATE ${bc.onUpdate}, a int NULL REFERENCES a);
  CREATE INDEX ix ON c (b);`;

export type Change =
  | { readonly kind: 'insert'; readonly table: TableName; readonly rows: readonly (readonly Cell[])[] }
  | { readonly kind: 'delete'; readonly table: TableName; readonly upTo: number }
  | {
      readonly kind: 'update';
      readonly table: TableName;
      readonly column: number;
      readonly to: Cell | 'plus' | 'mirror';
      readonly from: number;
    };

export function textOf(change: Change): string {
  const { table } = change;
  switch (change.kind) {
    case 'insert':
      return `INSERT ${table} VALUES ${change.rows.map(row => `(${row.map(cell => cell ?? 'NULL').join(', ')})`).join(', ')}`;
    case 'delete':
      return `DELETE ${table} WHERE id <= ${change.upTo}`;
    case 'update': {
      const column = columnOf(change);
      const to =
        change.to === 'plus'
          ? `${column} + 1`
          : change.to === 'mirror'
            ? `5 - ${column}`
            : (change.to ?? 'NULL');
      return `UPDATE ${table} SET ${column} = ${to} WHERE id >= ${change.from}`;
    }
  }
}

const columnOf = (change: Extract<Change, { kind: 'update' }>): string =>
  COLUMNS[change.table][change.column] ?? 'id';

/** The state after a statement; undefined where it breaks a constraint. */
export function after(state: State, change: Change, actions: Actions): State | undefined {
  const next = propagated(state, change, actions);
  return valid(next) ? next : undefined;
}

function propagated(state: State, change: Change, actions: Actions): State {
  const { table } = change;
  switch (change.kind) {
    case 'insert': {
      const fresh = change.rows.map(row =>
        Object.fromEntries(COLUMNS[table].map((name, at) => [name, row[at] ?? null])),
      );
      return { ...state, [table]: [...state[table], ...fresh] };
    }
    case 'delete':
      return without(state, table, row => row['id'] !== null && (row['id'] ?? 0) <= change.upTo, actions);
    case 'update':
      return updated(state, change, actions);
  }
}

const child = (table: TableName): { readonly table: TableName; readonly column: string } | undefined =>
  table === 'a' ? { table: 'b', column: 'a' } : table === 'b' ? { table: 'c', column: 'b' } : undefined;

const actionsOf = (table: TableName, actions: Actions) => (table === 'a' ? actions.ab : actions.bc);

function without(state: State, table: TableName, goes: (row: Row) => boolean, actions: Actions): State {
  const gone = new Set(state[table].filter(goes).map(row => row['id']));
  const next: State = { ...state, [table]: state[table].filter(row => !goes(row)) };
  const below = child(table);
  if (!below || gone.size === 0) return next;
  const refers = (row: Row) => gone.has(row[below.column] ?? null);
  switch (actionsOf(table, actions).onDelete) {
    case 'CASCADE':
      return without(next, below.table, refers, actions);
    case 'SET NULL':
      return {
        ...next,
        [below.table]: next[below.table].map(row => (refers(row) ? { ...row, [below.column]: null } : row)),
      };
    case 'SET DEFAULT':
      return {
        ...next,
        [below.table]: next[below.table].map(row => (refers(row) ? { ...row, [below.column]: 0 } : row)),
      };
    case 'NO ACTION':
      return next;
  }
}

function updated(state: State, change: Extract<Change, { kind: 'update' }>, actions: Actions): State {
  const { table, to } = change;
  const column = columnOf(change);
  const moved = new Map<Cell, Cell>();
  const rows = state[table].map(row => {
    if ((row['id'] ?? -1) < change.from) return row;
    const old = row[column] ?? null;
    const value =
      to === 'plus'
        ? old === null
          ? null
          : old + 1
        : to === 'mirror'
          ? old === null
            ? null
            : 5 - old
          : to;
    if (column === 'id' && value !== old) moved.set(old, value);
    return { ...row, [column]: value };
  });
  const next: State = { ...state, [table]: rows };
  const below = child(table);
  if (!below || moved.size === 0) return next;
  const action = actionsOf(table, actions).onUpdate;
  if (action === 'NO ACTION') return next;
  const follow = (row: Row): Row => {
    const key = row[below.column] ?? null;
    if (!moved.has(key)) return row;
    const value = action === 'CASCADE' ? (moved.get(key) ?? null) : action === 'SET NULL' ? null : 0;
    return { ...row, [below.column]: value };
  };
  return { ...next, [below.table]: next[below.table].map(follow) };
}

function valid({ a, b, c }: State): boolean {
  const keyed = (rows: readonly Row[], column: string) =>
    new Set(rows.map(row => row[column])).size === rows.length;
  const refers = (rows: readonly Row[], column: string, parents: readonly Row[]) =>
    rows.every(row => row[column] === null || parents.some(parent => parent['id'] === row[column]));
  return (
    [a, b, c].every(rows => keyed(rows, 'id') && rows.every(row => row['id'] !== null)) &&
    keyed(a, 'u') &&
    keyed(b, 'u') &&
    a.every(row => row['v'] !== 3) &&
    refers(b, 'a', a) &&
    refers(c, 'b', b) &&
    refers(c, 'a', a)
  );
}
