import { SqlError } from '../errors.ts';
import type { Expression } from '../syntax/expressions.ts';
import type { Top } from '../syntax/queries.ts';
import type { Binding } from './binding.ts';
import type { Evaluation } from './bound.ts';
import { bindValue } from './expressions.ts';
import { namesOf } from './names.ts';
import { convert, type Typed } from './typed.ts';

/** TOP, OFFSET and FETCH as numbers of the statement that runs. */
export interface Limits {
  readonly ties: boolean;
  /** Is there any? */
  readonly any: boolean;
  of(context: Evaluation): {
    readonly skip: number;
    readonly take: number | undefined;
    readonly percent: number | undefined;
  };
}

export function bindLimits(
  select: { readonly top?: Top; readonly line: number },
  tail: {
    readonly orderBy: readonly unknown[];
    readonly offset: Expression | undefined;
    readonly fetch: Expression | undefined;
  },
  outside: Binding,
): Limits {
  const { top, line } = select;
  if (top?.withTies === true && tail.orderBy.length === 0)
    throw new SqlError(
      1062,
      'The TOP N WITH TIES clause is not allowed without a corresponding ORDER BY clause.',
      {
        severity: 15,
        line,
        endsBatch: true,
      },
    );
  if (top !== undefined && tail.offset !== undefined)
    throw new SqlError(10741, 'A TOP can not be used in the same query or sub-query as a OFFSET.', {
      severity: 15,
      line,
      endsBatch: true,
    });
  const count = numberOf(top?.count, outside, top?.percent === true);
  const offset = numberOf(tail.offset, outside, false);
  const fetch = numberOf(tail.fetch, outside, false);
  return {
    ties: top?.withTies ?? false,
    any: top !== undefined || tail.offset !== undefined,
    of: context => {
      const skip = offset === undefined ? 0 : evaluated(offset, context);
      if (skip < 0 || Number.isNaN(skip))
        throw new SqlError(10742, 'The offset specified in a OFFSET clause may not be negative.', {
          severity: 15,
        });
      const rows = fetch === undefined ? undefined : evaluated(fetch, context);
      if (rows !== undefined && !(rows > 0))
        throw new SqlError(
          10744,
          'The number of rows provided for a FETCH clause must be greater then zero.',
          { severity: 15 },
        );
      const number = count === undefined ? undefined : evaluated(count, context);
      if (number !== undefined && (Number.isNaN(number) || number < 0))
        throw new SqlError(1014, 'A TOP or FETCH clause contains an invalid value.', { severity: 15 });
      if (top?.percent === true) {
        if (number !== undefined && number > 100)
          throw new SqlError(1031, 'Percent values must be between 0 and 100.', { severity: 15 });
        return { skip, take: undefined, percent: number };
      }
      return { skip, take: number ?? rows, percent: undefined };
    },
  };
}

function numberOf(expression: Expression | undefined, outside: Binding, percent: boolean): Typed | undefined {
  if (expression === undefined) return undefined;
  const names = namesOf([], { parent: outside.names, caseSensitive: false });
  const binding: Binding = { ...outside, names, grouping: undefined, windows: undefined, place: 'other' };
  const value = bindValue(expression, binding);
  if (!percent && (value.type.kind === 'float' || value.type.kind === 'real'))
    throw new SqlError(
      1060,
      'The number of rows provided for a TOP or FETCH clauses row count parameter must be an integer.',
      {
        severity: 15,
        line: expression.line,
        endsBatch: true,
      },
    );
  return convert(value, percent ? { kind: 'float' } : { kind: 'bigint' });
}

function evaluated(value: Typed, context: Evaluation): number {
  const result = value.evaluate([], context);
  return result === null ? Number.NaN : Number(result);
}
