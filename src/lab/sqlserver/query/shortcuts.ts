import type { QuerySpecification } from '../syntax/queries.ts';
import type { Value } from '../values/index.ts';
import { isAggregateName } from './aggregates.ts';
import type { Evaluation, Row } from './bound.ts';
import type { From } from './from.ts';
import type { Groups } from './groups.ts';
import { findColumn } from './names.ts';

type Shortcut = (context: Evaluation) => Row | undefined;

/**
 * Aggregates of a whole table that need no scan: `COUNT(*)` while nobody has written what is not committed, MIN and MAX of
 * the first column of an index. undefined where the rows have to be read.
 */
export function shortcutOf(select: QuerySpecification, from: From, groups: Groups): Shortcut | undefined {
  const [leaf, other] = from.leaves;
  if (leaf?.origin.kind !== 'stored' || other !== undefined) return undefined;
  if (select.where !== undefined || select.groupBy.length > 0) return undefined;
  const [aggregate, second] = groups.aggregates;
  if (aggregate === undefined || second !== undefined) return undefined;
  const call = onlyCall(select.items);
  if (call === undefined) return undefined;
  const name = call.name[0]?.toLowerCase();
  const { table, database, hints, compute } = leaf.origin;
  if ((name === 'count' || name === 'count_big') && call.star) {
    const big = name === 'count_big';
    return context => {
      const { store } = database;
      if (store === undefined || database.snapshotOf !== undefined) return undefined;
      // A SNAPSHOT transaction may see an earlier moment; whoever has written has rows that are not counted yet.
      if (context.session.options.isolation === 'snapshot') return undefined;
      if (store.log.active().some(transaction => transaction.writes > 0)) return undefined;
      context.reading(database, table.id, hints);
      const count = store.rowCount(table);
      return [big ? BigInt(count) : count];
    };
  }
  const [argument] = call.arguments;
  if ((name !== 'min' && name !== 'max') || argument?.node !== 'column' || compute !== undefined)
    return undefined;
  const found = findColumn(from.names(0, 1, from.parent), argument.name, argument.line);
  const column = table.columns[found.slot];
  if (found.depth !== 0 || column === undefined) return undefined;
  const index = table.indexes.find(
    own =>
      !own.disabled &&
      own.filter === undefined &&
      own.columns.find(key => !key.included)?.column === column.id,
  );
  if (index === undefined) return undefined;
  const descending = index.columns.find(key => !key.included)?.descending === true;
  const range = { indexId: index.id, ...((name === 'max') !== descending ? { reverse: true } : {}) };
  return context => {
    context.reading(database, table.id, hints);
    let value: Value = null;
    for (const { values } of context.view(database).scan(table, range)) {
      value = values[found.slot] ?? null;
      if (value !== null) break;
    }
    return [value];
  };
}

type Item = QuerySpecification['items'][number];
type Call = Extract<Extract<Item, { item: 'expression' }>['expression'], { node: 'call' }>;

/** The single aggregate call of a select list that is nothing else. */
function onlyCall(items: readonly Item[]): Call | undefined {
  const [item, other] = items;
  if (item?.item !== 'expression' || other !== undefined || item.expression.node !== 'call') return undefined;
  const { expression } = item;
  return isAggregateName(expression.name[0] ?? '') && expression.over === undefined ? expression : undefined;
}
