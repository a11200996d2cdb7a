import { sameName } from '../../catalog/find.ts';
import type { Column, Table } from '../../catalog/schema.ts';
import { referencesIn } from '../../definition/references.ts';
import { type SqlError, unsupported } from '../../errors.ts';
import type { Evaluation, Row } from '../../query/bound.ts';
import { bindCondition, bindItems, rowSources } from '../../query/index.ts';
import type { Database } from '../../server/instance.ts';
import type { QuerySpecification, Source } from '../../syntax/queries.ts';
import { compileFault } from '../faults.ts';
import { type NamedQuery, namedQuery } from './named-query.ts';
import { namedTable } from './named-table.ts';

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
}

/** @throws SqlError 4403, 4405, 4426 for what cannot be written through */
export function updatable(named: NamedQuery, line: number): Updatable {
  const specification = simple(named, line);
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
  const alias = source.alias ?? source.name.at(-1) ?? '';
  const shape = { alias, table: below.table, database: below.base.database };
  const sources = rowSources([shape], named.scope);
  const items = bindItems(specification.items, named.scope, sources);
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

function simple(named: NamedQuery, line: number): QuerySpecification {
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
  const numbered = ['row_number', 'rank', 'dense_rank', 'ntile', 'lag', 'lead'].some(each =>
    functions.has(each),
  );
  if (body.top || query.offset || query.orderBy.length > 0 || numbered || query.forClause)
    throw unsupported(`writing through ${name}, which numbers, orders or limits its rows`, line);
  return body;
}

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
