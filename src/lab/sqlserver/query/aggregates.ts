import { SqlError, unsupported } from '../errors.ts';
import type { Expression } from '../syntax/expressions.ts';
import {
  comparator,
  comparisonKey,
  implicitConverter,
  nvarchar,
  type SqlType,
  typeName,
  type Value,
  varchar,
} from '../values/index.ts';
import type { Evaluation, Row } from './bound.ts';
import { KeyedRows } from './keyed-rows.ts';
import { type Hold, hold, sizeOf } from './memory.ts';
import { isLob, isText, type Typed } from './typed.ts';

export interface BoundAggregate {
  readonly type: SqlType;
  /** Two calls of one shape are computed once. */
  readonly canonical: string;
  readonly nullable: boolean;
  readonly start: () => Accumulator;
}

export interface Accumulator {
  add(row: Row, context: Evaluation): void;
  result(context: Evaluation): Value;
}

export type AggregateCall = Extract<Expression, { node: 'call' }>;

const AGGREGATES = new Set([
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
  'checksum_agg',
  'string_agg',
  'grouping',
  'grouping_id',
  'approx_count_distinct',
]);

export const isAggregateName = (name: string): boolean => AGGREGATES.has(name.toLowerCase());

const NO_ROW: Row = [];

/** One value a row goes in, the fold comes out; NULL is left out before. */
interface Fold {
  readonly type: SqlType;
  readonly nullable?: boolean;
  start(): { add(value: Value): void; result(): Value };
}

/**
 * An aggregate over its bound argument (undefined for `count(*)`).
 *
 * @throws SqlError 8117 for a type it does not take
 */
export function aggregate(
  name: string,
  argument: Typed | undefined,
  options: {
    readonly canonical: string;
    readonly distinct: boolean;
    /** Of STRING_AGG. */
    readonly separator?: Typed;
    readonly order?: readonly { readonly key: Typed; readonly descending: boolean }[];
    readonly line: number;
  },
): BoundAggregate {
  const { canonical, line } = options;
  if (name === 'grouping' || name === 'grouping_id') throw unsupported(`${name.toUpperCase()}()`, line);
  if (argument === undefined) return counting(name, canonical, line);
  if (name === 'string_agg') return joining(argument, options);
  const fold = foldOf(name, argument, line);
  const distinct = options.distinct || name === 'approx_count_distinct';
  if (distinct && (isLob(argument.type) || argument.type.kind === 'xml'))
    throw invalidOperand(argument.type, name, line);
  const keyOf = distinct ? comparisonKey(argument.type) : undefined;
  const evaluate = argument.evaluate;
  return {
    type: fold.type,
    canonical,
    nullable: fold.nullable ?? true,
    start: () => {
      const state = fold.start();
      let seen: KeyedRows | undefined;
      return {
        add: (row, context) => {
          const value = evaluate(row, context);
          if (value === null) return;
          if (keyOf !== undefined) {
            const key = keyOf(value);
            seen ??= new KeyedRows(context);
            if (seen.has(key)) return;
            seen.add(key, NO_ROW);
          }
          state.add(value);
        },
        result: () => state.result(),
      };
    },
  };
}

function counting(name: string, canonical: string, line: number): BoundAggregate {
  if (name !== 'count' && name !== 'count_big')
    throw new SqlError(102, "Incorrect syntax near '*'.", { severity: 15, line, endsBatch: true });
  const big = name === 'count_big';
  return {
    type: { kind: big ? 'bigint' : 'int' },
    canonical,
    nullable: false,
    start: () => {
      let count = 0;
      return {
        add: () => {
          count += 1;
        },
        result: () => (big ? BigInt(count) : count),
      };
    },
  };
}

function invalidOperand(type: SqlType, name: string, line: number): SqlError {
  return new SqlError(8117, `Operand data type ${typeName(type)} is invalid for ${name} operator.`, {
    line,
    endsBatch: true,
  });
}

function foldOf(name: string, argument: Typed, line: number): Fold {
  const type = argument.type;
  if (argument.untyped && name !== 'count' && name !== 'count_big')
    throw new SqlError(8117, `Operand data type NULL is invalid for ${name} operator.`, {
      line,
      endsBatch: true,
    });
  switch (name) {
    case 'count':
    case 'count_big':
    case 'approx_count_distinct':
      if (isLob(type)) throw invalidOperand(type, 'count', line);
      return countFold(name !== 'count');
    case 'min':
    case 'max':
      if (isLob(type) || type.kind === 'bit' || type.kind === 'xml') throw invalidOperand(type, name, line);
      return extremeFold(type, name === 'max');
    case 'sum':
    case 'avg':
      return sumFold(name, type, line);
    case 'stdev':
    case 'stdevp':
    case 'var':
    case 'varp':
      return varianceFold(name, type, line);
    case 'checksum_agg':
      if (!['tinyint', 'smallint', 'int'].includes(type.kind)) throw invalidOperand(type, name, line);
      return checksumFold;
    default:
      throw unsupported(`the aggregate ${name.toUpperCase()}`, line);
  }
}

const countFold = (big: boolean): Fold => ({
  type: { kind: big ? 'bigint' : 'int' },
  nullable: false,
  start: () => {
    let count = 0;
    return {
      add: () => {
        count += 1;
      },
      result: () => (big ? BigInt(count) : count),
    };
  },
});

const extremeFold = (type: SqlType, greatest: boolean): Fold => ({
  type,
  start: () => {
    const compare = comparator(type);
    let best: Value = null;
    return {
      add: value => {
        if (best === null) best = value;
        else if (greatest ? compare(value, best) > 0 : compare(value, best) < 0) best = value;
      },
      result: () => best,
    };
  },
});

const LARGEST_INT = 2_147_483_647;
const overflow = (type: SqlType): SqlError =>
  new SqlError(8115, `Arithmetic overflow error converting expression to data type ${typeName(type)}.`);

function sumFold(name: 'sum' | 'avg', type: SqlType, line: number): Fold {
  const average = name === 'avg';
  switch (type.kind) {
    case 'tinyint':
    case 'smallint':
    case 'int':
      return numberSum({ kind: 'int' }, average, true);
    case 'real':
    case 'float':
      return numberSum({ kind: 'float' }, average, false);
    case 'bigint':
      return bigSum({ kind: 'bigint' }, average, 2n ** 63n - 1n, 1n);
    case 'money':
    case 'smallmoney':
      return bigSum({ kind: 'money' }, average, 2n ** 63n - 1n, 1n);
    case 'decimal':
    case 'numeric': {
      const scale = average ? Math.max(type.scale, 6) : type.scale;
      const result: SqlType = { kind: type.kind, precision: 38, scale };
      return bigSum(result, average, 10n ** 38n - 1n, 10n ** BigInt(scale - type.scale));
    }
    default:
      throw invalidOperand(type, name, line);
  }
}

function numberSum(type: SqlType, average: boolean, integer: boolean): Fold {
  return {
    type,
    start: () => {
      let sum = 0;
      let count = 0;
      return {
        add: value => {
          if (typeof value !== 'number') return;
          sum += value;
          count += 1;
          if (integer ? sum > LARGEST_INT || sum < -LARGEST_INT - 1 : !Number.isFinite(sum))
            throw overflow(type);
        },
        result: () => {
          if (count === 0) return null;
          if (!average) return sum;
          return integer ? Math.trunc(sum / count) : sum / count;
        },
      };
    },
  };
}

function bigSum(type: SqlType, average: boolean, limit: bigint, factor: bigint): Fold {
  return {
    type,
    start: () => {
      let sum = 0n;
      let count = 0n;
      return {
        add: value => {
          if (typeof value !== 'bigint') return;
          sum += value;
          count += 1n;
          if (sum > limit || sum < -limit - 1n) throw overflow(type);
        },
        result: () => {
          if (count === 0n) return null;
          return average ? (sum * factor) / count : sum;
        },
      };
    },
  };
}

function varianceFold(name: string, type: SqlType, line: number): Fold {
  if (['bit', 'date', 'time', 'datetime', 'smalldatetime', 'datetime2'].includes(type.kind) || isText(type))
    throw invalidOperand(type, name, line);
  const toFloat = implicitConverter(type, { kind: 'float' });
  return {
    type: { kind: 'float' },
    start: () => {
      let count = 0;
      let mean = 0;
      let squares = 0;
      return {
        add: value => {
          const number = toFloat(value);
          if (typeof number !== 'number') return;
          count += 1;
          const delta = number - mean;
          mean += delta / count;
          squares += delta * (number - mean);
        },
        result: () => {
          const population = name.endsWith('p');
          const divisor = population ? count : count - 1;
          if (divisor <= 0) return null;
          const variance = squares / divisor;
          return name.startsWith('stdev') ? Math.sqrt(variance) : variance;
        },
      };
    },
  };
}

const checksumFold: Fold = {
  type: { kind: 'int' },
  start: () => {
    let checksum: number | undefined;
    return {
      add: value => {
        if (typeof value === 'number') checksum = (checksum ?? 0) ^ value;
      },
      result: () => checksum ?? null,
    };
  },
};

/** STRING_AGG: as long as its input's type allows, 9829 beyond. */
function joining(argument: Typed, options: Parameters<typeof aggregate>[2]): BoundAggregate {
  const from = argument.type;
  const national = !isText(from) || from.kind.startsWith('n');
  const max = 'length' in from && from.length === 'max';
  const collation = isText(from) ? from.collation : undefined;
  const units = national ? 4000 : 8000;
  const type = national ? nvarchar(max ? 'max' : units, collation) : varchar(max ? 'max' : units, collation);
  const toText = implicitConverter(from, national ? nvarchar('max', collation) : varchar('max', collation));
  const separator = options.separator;
  const order = (options.order ?? []).map(item => ({
    evaluate: item.key.evaluate,
    compare: comparator(item.key.type),
    descending: item.descending,
  }));
  return {
    type,
    canonical: options.canonical,
    nullable: true,
    start: () => {
      const parts: { readonly text: string; readonly keys: readonly Value[] }[] = [];
      let between: string | undefined;
      let held: Hold | undefined;
      return {
        add: (row, context) => {
          if (between === undefined) {
            const text = separator?.evaluate(row, context) ?? '';
            between = typeof text === 'string' ? text : '';
          }
          const value = argument.evaluate(row, context);
          const text = value === null ? null : toText(value);
          if (typeof text !== 'string') return;
          const keys = order.map(item => item.evaluate(row, context));
          held ??= hold(context);
          held.need(2 * text.length + sizeOf(keys));
          parts.push({ text, keys });
        },
        result: () => {
          if (parts.length === 0) return null;
          if (order.length > 0)
            parts.sort((left, right) => {
              for (const [at, item] of order.entries()) {
                const a = left.keys[at] ?? null;
                const b = right.keys[at] ?? null;
                if (a === b) continue;
                const sign = a === null ? -1 : b === null ? 1 : item.compare(a, b);
                if (sign !== 0) return item.descending ? -sign : sign;
              }
              return 0;
            });
          const text = parts.map(part => part.text).join(between ?? '');
          if (!max && text.length > units)
            throw new SqlError(
              9829,
              'STRING_AGG aggregation result exceeded the limit of 8000 bytes. Use LOB types to avoid result truncation.',
            );
          held?.free();
          return text;
        },
      };
    },
  };
}
