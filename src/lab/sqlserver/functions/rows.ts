import { SqlError } from '../errors.ts';
import { BIGINT, commonType, converter, type SqlType, type Value } from '../values/index.ts';
import { badArgument, bigintArgument, collationOf, sized, stringType, textArgument } from './arguments.ts';
import type { TableFunction } from './table-function.ts';

/** Table functions over plain values: STRING_SPLIT, GENERATE_SERIES. */

const wantsOrdinal = (value: Value | undefined): boolean => value === 1 || value === 1n;

const stringSplit: TableFunction = {
  name: 'string_split',
  minimum: 2,
  maximum: 3,
  since: 2016,
  shaped: false,
  columns: ([type, separator], constants) => {
    const text = stringType(type, 1, 'string_split');
    stringType(separator, 2, 'string_split');
    const value = {
      name: 'value',
      type: sized(text.kind === 'nvarchar', text.length, text.collation),
      nullable: false,
    };
    return wantsOrdinal(constants[2]) ? [value, { name: 'ordinal', type: BIGINT, nullable: false }] : [value];
  },
  *rows(values, types, context) {
    const [source = null, by = null, ordinal] = values;
    if (ordinal !== undefined && context.instance.product.release < 2022) {
      throw new SqlError(8144, 'Procedure or function string_split has too many arguments specified.', {
        endsBatch: true,
      });
    }
    const separator = textArgument(by, types[1]);
    if (separator?.length !== 1) {
      throw new SqlError(214, "Procedure expects parameter 'separator' of type 'nchar(1)/nvarchar(1)'.", {
        state: 11,
      });
    }
    const text = textArgument(source, types[0]);
    if (text === null) return;
    const folded = collationOf(types).fold(text);
    const wanted = collationOf(types).fold(separator);
    let from = 0;
    let place = 0n;
    while (from <= folded.length) {
      const found = folded.indexOf(wanted, from);
      const end = found < 0 ? folded.length : found;
      place += 1n;
      const value = text.slice(from, end);
      yield wantsOrdinal(ordinal) ? [value, place] : [value];
      from = end + 1;
    }
  },
};

const INTEGERS: ReadonlySet<string> = new Set(['tinyint', 'smallint', 'int', 'bigint']);

const seriesType = (types: readonly (SqlType | undefined)[]): SqlType => {
  for (const [place, type] of types.entries()) {
    const whole = type === undefined || INTEGERS.has(type.kind) || (isExact(type) && type.scale === 0);
    if (!whole) throw badArgument(type, place + 1, 'generate_series');
  }
  return commonType(types);
};

const isExact = (type: SqlType): type is Extract<SqlType, { kind: 'decimal' | 'numeric' }> =>
  type.kind === 'decimal' || type.kind === 'numeric';

const generateSeries: TableFunction = {
  name: 'generate_series',
  minimum: 2,
  maximum: 3,
  since: 2022,
  shaped: false,
  columns: types => [{ name: 'value', type: seriesType(types), nullable: false }],
  *rows(values, types) {
    const type = seriesType(types);
    const [start, stop, given] = values.map((value, place) => bigintArgument(value, types[place]));
    if (start == null || stop == null || given === null) return;
    const step = given ?? (start <= stop ? 1n : -1n);
    if (step === 0n) {
      throw new SqlError(4199, 'Argument value 0 is invalid for argument 3 of generate_series function.');
    }
    const convert = converter(BIGINT, type);
    for (let value = start; step > 0n ? value <= stop : value >= stop; value += step) yield [convert(value)];
  },
};

export const TABLES: readonly TableFunction[] = [stringSplit, generateSeries];
