import type { Column, Table } from '../catalog/schema.ts';
import { SqlError } from '../errors.ts';
import type { Database } from '../server/instance.ts';
import { parseExpression } from '../syntax/parse.ts';
import type { Source } from '../syntax/queries.ts';
import type { SystemView } from '../system/view.ts';
import { DEFAULT_COLLATION, type SqlType, type Value } from '../values/index.ts';
import type { Binding, CommonTables } from './binding.ts';
import type { Evaluation, Rows } from './bound.ts';
import { bindChangeTable } from './changes.ts';
import { memo } from './evaluation.ts';
import { bindValue } from './expressions.ts';
import type { From, NewLeaf, Origin } from './from.ts';
import { bindFunctionSource } from './functions.ts';
import { type LeafColumn, type Names, namesOf } from './names.ts';
import { findObject } from './objects.ts';
import { bindInner, type InnerQuery } from './query.ts';
import type { Scope } from './scope.ts';
import { moduleScope } from './scopes.ts';
import { requireTableHints, requireViewHints } from './table-hints.ts';
import { withCollation } from './typed.ts';
import { bindValuesSource } from './values-source.ts';
import { bindView } from './views.ts';

type Of<S extends Source['source']> = Extract<Source, { source: S }>;

/** A source that is no join: its columns, and where its rows come from. */
export function bindLeaf(
  source: Exclude<Source, Of<'join'> | Of<'apply'>>,
  from: From,
  lateral: Names | undefined,
): NewLeaf {
  switch (source.source) {
    case 'table':
      return bindTable(source, from, lateral);
    case 'variable':
      return bindRowSet(source.name, source.alias, from.binding.scope, source.line);
    case 'query': {
      const inner = bindInner(source.query, {
        ...from.binding,
        names: lateral,
        grouping: undefined,
        windows: undefined,
      });
      return derived(inner, source.alias, source.columns, from, lateral, source.line);
    }
    case 'values':
      return bindValuesSource(source, from, lateral);
    case 'function':
      return bindFunctionSource(source, from, lateral);
    case 'changetable':
      return bindChangeTable(source, from, lateral);
  }
}

/** A query as a source: derived table, view, common table expression. */
export function derived(
  inner: InnerQuery,
  alias: string,
  columns: readonly string[],
  from: From,
  lateral: Names | undefined,
  line: number,
): NewLeaf {
  from.reaches(lateral, inner.reach);
  return {
    alias,
    path: undefined,
    columns: renamed(inner.columns, columns, alias, line),
    origin: {
      kind: 'rows',
      rows: context => inner.rows(context),
      correlated: inner.reach > 0,
      estimate: 1000,
      ...(inner.narrowed === undefined ? {} : { narrowed: inner.narrowed }),
    },
  };
}

/** Columns of a query inside under the names that its alias gives them; every one needs a name, and each only once. */
export function renamed(
  columns: readonly LeafColumn[],
  names: readonly string[],
  alias: string,
  line: number,
): readonly LeafColumn[] {
  const fault = (number: number, text: string): SqlError =>
    new SqlError(number, text, { line, endsBatch: true });
  if (names.length > 0 && names.length !== columns.length)
    throw names.length < columns.length
      ? fault(8158, `'${alias}' has more columns than were specified in the column list.`)
      : fault(8159, `'${alias}' has fewer columns than were specified in the column list.`);
  const seen = new Set<string>();
  return columns.map((column, at) => {
    const name = names[at] ?? column.name;
    if (name === '') throw fault(8155, `No column name was specified for column ${at + 1} of '${alias}'.`);
    if (seen.has(name.toLowerCase()))
      throw fault(8156, `The column '${name}' was specified multiple times for '${alias}'.`);
    seen.add(name.toLowerCase());
    return { ...column, name };
  });
}

const HINTS = new Set(
  'NOLOCK READUNCOMMITTED READPAST ROWLOCK PAGLOCK TABLOCK TABLOCKX UPDLOCK XLOCK HOLDLOCK SERIALIZABLE REPEATABLEREAD READCOMMITTED READCOMMITTEDLOCK SNAPSHOT NOWAIT FORCESEEK FORCESCAN NOEXPAND KEEPIDENTITY KEEPDEFAULTS IGNORE_CONSTRAINTS IGNORE_TRIGGERS'.split(
    ' ',
  ),
);

/** @throws SqlError 321 for a hint that is none, 308 for an index that the table has not */
function checkHints(hints: readonly string[], table: Table, name: string, line: number): void {
  for (const hint of hints) {
    const match = /^(?:INDEX|FORCESEEK)\s*(?:\(|=)\s*\(?\s*(.+?)\s*\)*$/i.exec(hint);
    if (match === null) {
      if (HINTS.has(hint.toUpperCase())) continue;
      throw new SqlError(
        321,
        `"${hint}" is not a recognized table hints option. If it is intended as a parameter to a table-valued function or to the CHANGETABLE function, ensure that your database compatibility mode is set to 90.`,
        {
          severity: 15,
          line,
          endsBatch: true,
        },
      );
    }
    for (const part of (match[1] ?? '').split(',')) {
      const wanted = part
        .trim()
        .replace(/^[["](.*)[\]"]$/, '$1')
        .replace(/\(.*$/, '')
        .trim();
      if (/^\d+$/.test(wanted)) continue;
      if (!table.indexes.some(index => index.name.toLowerCase() === wanted.toLowerCase()))
        throw new SqlError(
          308,
          `Index '${wanted}' on table '${name}' (specified in the FROM clause) does not exist.`,
          { line, endsBatch: true },
        );
    }
  }
}

function bindTable(source: Of<'table'>, from: From, lateral: Names | undefined): NewLeaf {
  const { scope } = from.binding;
  const only = source.name.length === 1 ? (source.name[0] ?? '') : undefined;
  if (only !== undefined) {
    const common = bindCommon(only, source.alias ?? only, from, lateral, source.line);
    if (common !== undefined) return common;
    if (scope.rowSet(only) !== undefined) return bindRowSet(only, source.alias, scope, source.line);
  }
  const found = findObject(source.name, scope, source.line);
  const own = source.name.at(-1) ?? '';
  if (found.kind === 'system') {
    const columns = systemColumns(found.view, found.database, scope);
    return {
      alias: source.alias ?? own,
      path: source.alias === undefined ? [found.database.name, found.view.schema, own] : undefined,
      columns: columns.columns,
      origin: systemOrigin(found.view, found.database, columns.places),
    };
  }
  const object = found.kind === 'table' ? found.table : found.module;
  scope.permit('SELECT', found.database, object.id);
  const naming = {
    alias: source.alias ?? own,
    path: source.alias === undefined ? [found.database.name, found.schema, own] : undefined,
  };
  if (found.kind === 'table') {
    checkHints(source.hints, found.table, source.name.join('.'), source.line);
    requireTableHints(source.hints, source.name.join('.'), source.line);
    return { ...naming, ...storedLeaf(found.table, found.database, source.hints, scope) };
  }
  requireViewHints(source.hints, source.line);
  const { inner, columns } = bindView(found, source.name, from.binding, source.line);
  return {
    ...derived(inner, naming.alias, columns, from, lateral, source.line),
    path: naming.path,
  };
}

/** A table of the store, computed columns that it does not keep among its columns. */
function storedLeaf(
  table: Table,
  database: Database,
  hints: readonly string[],
  scope: Scope,
): { readonly columns: readonly LeafColumn[]; readonly origin: Origin } {
  return {
    columns: table.columns.map(leafColumn),
    origin: { kind: 'stored', database, table, hints, compute: computedColumns(table, database, scope) },
  };
}

export const leafColumn = (column: Column): LeafColumn => ({
  name: column.name,
  type: column.type,
  nullable: column.nullable,
  identity: column.identity !== undefined,
  ...(column.rowguid ? { rowguid: true } : {}),
});

/** Fills in the columns that are computed whenever a row is read; undefined for a table without any. */
export function computedColumns(
  table: Table,
  database: Database,
  scope: Scope,
): ((row: readonly Value[], context: Evaluation) => Value[]) | undefined {
  const own = table.columns.flatMap((column, place) =>
    column.computed !== undefined && !column.computed.persisted
      ? [{ text: column.computed.text, place }]
      : [],
  );
  if (own.length === 0) return undefined;
  const names = namesOf(
    [
      {
        alias: table.name,
        path: undefined,
        columns: table.columns.map(leafColumn),
        first: 0,
        width: table.columns.length,
        mark: undefined,
      },
    ],
    { caseSensitive: false },
  );
  const binding: Binding = {
    scope: moduleScope(scope, database, 'dbo'),
    names,
    tables: undefined,
    grouping: undefined,
    windows: undefined,
    place: 'other',
    depth: 0,
  };
  const values = own.map(column => ({
    place: column.place,
    evaluate: bindValue(parseExpression(column.text), binding).evaluate,
  }));
  return (row, context) => {
    const full = row.slice();
    for (const { place, evaluate } of values) full[place] = evaluate(row, context);
    return full;
  };
}

/** A table variable, or `inserted` and `deleted` in a trigger. */
function bindRowSet(name: string, alias: string | undefined, scope: Scope, line: number): NewLeaf {
  const table = scope.rowSet(name);
  if (table === undefined)
    throw new SqlError(1087, `Must declare the table variable "${name}".`, {
      severity: 15,
      line,
      endsBatch: true,
    });
  const key = name.toLowerCase();
  const compute = computedColumns(table, scope.database, scope);
  return {
    alias: alias ?? name,
    path: undefined,
    columns: table.columns.map(leafColumn),
    origin: {
      kind: 'rows',
      rows: context =>
        compute === undefined
          ? context.rowsOf(key)
          : mapped(context.rowsOf(key), row => compute(row, context)),
      correlated: false,
      estimate: 100,
      table,
      database: scope.database,
      variable: key,
    },
  };
}

function* mapped(rows: Iterable<readonly Value[]>, change: (row: readonly Value[]) => Value[]): Rows {
  for (const row of rows) yield change(row);
}

function systemColumns(
  view: SystemView,
  database: Database,
  scope: Scope,
): { readonly columns: readonly LeafColumn[]; readonly places: readonly number[] | undefined } {
  const { release } = scope.instance.product;
  const places = view.columns.flatMap((column, at) => ((column.since ?? 0) <= release ? [at] : []));
  return {
    columns: places.flatMap(at => {
      const column = view.columns[at];
      return column === undefined
        ? []
        : [
            {
              name: column.name,
              type: ofDatabase(column.type, database),
              nullable: column.nullable,
              identity: false,
            },
          ];
    }),
    places: places.length === view.columns.length ? undefined : places,
  };
}

/** Names in system views have the collation of their database. */
export const ofDatabase = (type: SqlType, database: Database): SqlType =>
  'collation' in type && type.collation === DEFAULT_COLLATION
    ? withCollation(type, database.collation)
    : type;

/** Rows are made once a statement, however often they are asked for. */
function systemOrigin(view: SystemView, database: Database, places: readonly number[] | undefined): Origin {
  const kept = memo<readonly (readonly Value[])[]>();
  return {
    kind: 'rows',
    correlated: false,
    estimate: 300,
    rows: context => {
      const before = kept.get(context);
      if (before !== undefined) return before;
      const made = [...systemRows(view, database, [], places, context)];
      kept.set(context, made);
      return made;
    },
  };
}

/** Rows of a system view without the columns that a later release brings. */
export function* systemRows(
  view: SystemView,
  database: Database,
  values: readonly Value[],
  places: readonly number[] | undefined,
  context: Evaluation,
): Iterable<readonly Value[]> {
  for (const row of view.rows(context, database, values))
    yield places === undefined ? row : places.map(place => row[place] ?? null);
}

export { systemColumns };

/** A name of WITH, a recursive one within itself included. */
function bindCommon(
  name: string,
  alias: string,
  from: From,
  lateral: Names | undefined,
  line: number,
): NewLeaf | undefined {
  for (let entry: CommonTables | undefined = from.binding.tables; entry !== undefined; entry = entry.before) {
    if (entry.name !== name.toLowerCase()) continue;
    const { recursion, table } = entry;
    if (recursion !== undefined) {
      recursion.used += 1;
      return {
        alias,
        path: undefined,
        columns: renamed(recursion.columns, table.columns, alias, line),
        origin: { kind: 'rows', rows: recursion.rows, correlated: true, estimate: 100 },
      };
    }
    const inner = bindInner(
      table.query,
      { ...from.binding, names: undefined, tables: entry.before, grouping: undefined, windows: undefined },
      entry,
    );
    return derived(inner, alias, table.columns, from, lateral, line);
  }
  return undefined;
}
