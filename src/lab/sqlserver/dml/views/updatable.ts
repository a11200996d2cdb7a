import { sameName } from '../../catalog/find.ts';
import type { Column, Table } from '../../catalog/schema.ts';
import { referencesIn } from '../../definition/references.ts';
import { type SqlError, unsupported } from '../../errors.ts';
import type { Evaluation, Row } from '../../query/bound.ts';
import { bindCondition, bindItems, bindQuery, rowSources } from '../../query/index.ts';
import type { Scope } from '../../query/scope.ts';
import type { Database } from '../../server/instance.ts';
import type { QueryExpression, QuerySpecification, SelectItem, Source } from '../../syntax/queries.ts';
import { INT } from '../../values/types.ts';
import { compileFault } from '../faults.ts';
import { type NamedQuery, namedQuery } from './named-query.ts';
import { namedTable } from './named-table.ts';
import { scopeWithRows } from './with-rows.ts';

/** A query over one table whose rows are rows of that table, so that it can be written through. */
export interface Updatable {
  readonly base: { readonly database: Database; readonly table: Table };
  /** Its columns as those of a table, with the place of the base table's column behind each; -1 for a derived one. */
  readonly table: Table;
  readonly places: readonly number[];
  /** What it shows of a row of the base table, undefined where it does not show it. */
  readonly project: (row: Row, context: Evaluation) => Row | undefined;
  /** WITH CHECK OPTION, of itself or of a view below. */
  readonly checked: boolean;
  /** A query that numbers, orders or limits its rows: it has to run as a whole, over rows that carry their place. */
  readonly whole: WholeQuery | undefined;
}

export interface WholeQuery {
  /** What stands below it shows these rows. */
  readonly below: Updatable;
  /** Reads `PLACED_ROWS`, and gives the place of a row in its last column. */
  readonly query: QueryExpression;
  readonly placed: Table;
  readonly scope: Scope;
}

/** Name of the row set that a whole query reads. */
export const PLACED_ROWS = '@@placed rows';
const PLACE = '@@place';

/** @throws SqlError 4403, 4405, 4426 for what cannot be written through */
export function updatable(named: NamedQuery, line: number): Updatable {
  const specification = requireRows(named, line);
  const [source] = specification.from;
  if (source?.source !== 'table' || specification.from.length !== 1)
    throw source && specification.from.length === 1 && source.source !== 'join' && source.source !== 'apply'
      ? unsupported(`writing through ${named.name}, which does not read a table`, line)
      : compileFault(
          4405,
          `View or function '${named.name}' is not updatable because the modification affects multiple base tables.`,
          line,
        );
  const below = belowOf(source, named, line);
  if (below.whole)
    throw unsupported(`writing through ${named.name}, which reads a query that numbers its rows`, line);
  const alias = source.alias ?? source.name.at(-1) ?? '';
  const shape = { alias, table: below.table, database: below.base.database };
  const sources = rowSources([shape], named.scope);
  const whole = isPlain(named.query, specification)
    ? undefined
    : wholeQuery(named, specification, below, alias, line);
  const items = whole
    ? { columns: columnsOf(whole), evaluate: () => [] }
    : bindItems(specification.items, named.scope, sources);
  const where = specification.where && bindCondition(specification.where, named.scope, sources);
  const inner = placesOf(specification, below.table);
  const columns = items.columns.map((column, at): Column => {
    const place = inner[at] ?? -1;
    const origin = below.table.columns[place];
    const name = named.columns[at] ?? column.name;
    if (origin) return { ...origin, id: at + 1, name };
    return {
      id: at + 1,
      name,
      type: column.type,
      nullable: true,
      rowguid: false,
      sparse: false,
      features: {},
    };
  });
  return {
    base: below.base,
    table: pseudoTable(named.view?.module.id ?? 0, named.name, columns),
    places: inner.map(place => (place < 0 ? -1 : (below.places[place] ?? -1))),
    whole,
    checked: named.withCheck || below.checked,
    project: (row, context) => {
      const seen = below.project(row, context);
      if (!seen || (where && where.test(seen, context) !== true)) return undefined;
      return items.evaluate(seen, context);
    },
  };
}

export const pseudoTable = (id: number, name: string, columns: readonly Column[]): Table => ({
  id,
  schemaId: 1,
  name,
  created: 0,
  modified: 0,
  shipped: false,
  columns,
  keys: [],
  indexes: [],
  foreignKeys: [],
  checks: [],
  storeId: 0,
  published: false,
  features: {},
});

/** The table or the other view that a query reads. */
function belowOf(
  source: Extract<Source, { readonly source: 'table' }>,
  named: NamedQuery,
  line: number,
): Updatable {
  const inner = namedQuery(source.name, named.query.with, named.scope);
  if (inner) return updatable(inner, line);
  const base = namedTable(source.name, named.scope, line);
  return {
    base,
    table: base.table,
    places: base.table.columns.map((_column, place) => place),
    project: row => row,
    checked: false,
    whole: undefined,
  };
}

const AGGREGATES: ReadonlySet<string> = new Set([
  'count',
  'count_big',
  'sum',
  'avg',
  'min',
  'max',
  'stdev',
  'stdevp',
  'var',
  'varp',
  'string_agg',
  'checksum_agg',
]);

/** Its rows are rows of what it reads, neither grouped nor put together. */
function requireRows(named: NamedQuery, line: number): QuerySpecification {
  const { query, name } = named;
  const { body } = query;
  if (body.body === 'nested') throw unsupported(`writing through ${name}, a query in parentheses`, line);
  if (body.body !== 'select')
    throw compileFault(
      4426,
      `View '${name}' is not updatable because the definition contains a UNION operator.`,
      line,
    );
  const { functions } = referencesIn(body.items);
  const aggregated = [...functions].some(each => AGGREGATES.has(each));
  if (body.distinct || body.groupBy.length > 0 || body.having || aggregated) throw grouped(name, line);
  return body;
}

const NUMBERING: ReadonlySet<string> = new Set([
  'row_number',
  'rank',
  'dense_rank',
  'ntile',
  'lag',
  'lead',
  'first_value',
  'last_value',
]);

/** Is what a query shows of a row a matter of that row alone. */
function isPlain(query: QueryExpression, specification: QuerySpecification): boolean {
  const { functions } = referencesIn(specification.items);
  if ([...functions].some(each => NUMBERING.has(each))) return false;
  return !specification.top && !query.offset && query.orderBy.length === 0;
}

function wholeQuery(
  named: NamedQuery,
  specification: QuerySpecification,
  below: Updatable,
  alias: string,
  line: number,
): WholeQuery {
  if (named.withCheck)
    throw compileFault(
      4427,
      `Cannot update the view "${named.name}" because it or a view it references was created with WITH CHECK OPTION and its definition contains a TOP or OFFSET clause.`,
      line,
    );
  const place: Column = {
    id: below.table.columns.length + 1,
    name: PLACE,
    type: INT,
    nullable: false,
    rowguid: false,
    sparse: false,
    features: {},
  };
  const column = (name: string): SelectItem => ({
    item: 'expression',
    expression: { node: 'column', name: [alias, name], line },
    line,
  });
  const items = specification.items.flatMap(item =>
    item.item === 'star' ? below.table.columns.map(each => column(each.name)) : [item],
  );
  const query: QueryExpression = {
    ...named.query,
    body: {
      ...specification,
      items: [...items, column(PLACE)],
      from: [{ source: 'variable', name: PLACED_ROWS, alias, line }],
    },
  };
  return {
    below,
    query,
    placed: pseudoTable(0, alias, [...below.table.columns, place]),
    scope: named.scope,
  };
}

const columnsOf = (whole: WholeQuery) =>
  bindQuery(whole.query, scopeWithRows(whole.scope, PLACED_ROWS, whole.placed)).columns.slice(0, -1);

const grouped = (name: string, line: number): SqlError =>
  compileFault(
    4403,
    `Cannot update the view or function '${name}' because it contains aggregates, or a DISTINCT or GROUP BY clause, or PIVOT or UNPIVOT operator.`,
    line,
  );

/** Which column of the table below stands behind each item, -1 for none. */
function placesOf(specification: QuerySpecification, table: Table): readonly number[] {
  return specification.items.flatMap(item => {
    if (item.item === 'star') return table.columns.map((_column, place) => place);
    const { expression } = item;
    if (expression.node !== 'column') return [-1];
    const name = expression.name.at(-1) ?? '';
    return [table.columns.findIndex(column => sameName(column.name, name))];
  });
}
