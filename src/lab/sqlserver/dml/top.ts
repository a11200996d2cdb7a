import { SqlError } from '../errors.ts';
import type { Execution } from '../flow/execution.ts';
import { bindExpression } from '../query/index.ts';
import type { Top } from '../syntax/queries.ts';
import { implicitConverter } from '../values/index.ts';
import { BIGINT, FLOAT } from '../values/types.ts';

/**
 * How many of `all` rows `TOP (n) [PERCENT]` of a change takes.
 *
 * @throws SqlError 127, 1014, 1031
 */
export function topCount(top: Top, all: number, execution: Execution): number {
  const { line } = top.count;
  const bound = bindExpression(top.count, execution.scope);
  const raw = bound.evaluate([], execution.evaluation);
  if (top.percent) {
    const percent = raw === null ? Number.NaN : Number(implicitConverter(bound.type, FLOAT)(raw));
    if (!(percent >= 0 && percent <= 100))
      throw new SqlError(1031, 'Percent values must be between 0 and 100.', { line });
    return Math.ceil((all * percent) / 100);
  }
  const count = raw === null ? undefined : implicitConverter(bound.type, BIGINT)(raw);
  if (typeof count !== 'bigint')
    throw new SqlError(1014, 'A TOP or FETCH clause contains an invalid value.', { line });
  if (count < 0n) throw new SqlError(127, 'A TOP N or FETCH rowcount value may not be negative.', { line });
  return count > BigInt(all) ? all : Number(count);
}
