import type { QuerySpecification } from '../syntax/queries.ts';
import type { Evaluation, Row } from './bound.ts';
import type { From } from './from.ts';
import type { Groups } from './groups.ts';

/** `SELECT COUNT(*) FROM t` without a scan, as long as nobody has written what is not committed. */
export function countShortcut(
  select: QuerySpecification,
  from: From,
  groups: Groups,
): ((context: Evaluation) => Row | undefined) | undefined {
  const [leaf, other] = from.leaves;
  if (leaf?.origin.kind !== 'stored' || other !== undefined) return undefined;
  if (select.where !== undefined || select.groupBy.length > 0 || select.having !== undefined)
    return undefined;
  const { table, database, hints } = leaf.origin;
  const [aggregate, second] = groups.aggregates;
  const isCount = aggregate?.canonical.includes('star:true') === true;
  if (!isCount || second !== undefined) return undefined;
  const big = aggregate.type.kind === 'bigint';
  return context => {
    const { store } = database;
    if (store === undefined || database.snapshotOf !== undefined || store.log.active().length > 0)
      return undefined;
    context.reading(database, table.id, hints);
    const count = store.rowCount(table);
    return [big ? BigInt(count) : count];
  };
}
