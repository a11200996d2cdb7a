import type { FunctionContext, ScalarFunction } from '../functions/function.ts';
import { convertValue, textOf } from '../values/index.ts';
import { BIGINT, INT, type SqlType, type Value } from '../values/types.ts';

/** Arguments of a metadata function, converted as they are asked for; blanks at the end of names do not count. */
export interface Arguments {
  readonly count: number;
  /** NULL and what was not given are null. */
  text(place: number): string | null;
  integer(place: number): number | null;
  big(place: number): bigint | null;
  bytes(place: number): Uint8Array | null;
  raw(place: number): Value;
}

/** A function about metadata: its result has one type whatever its arguments are. */
export function metadata(
  name: string,
  [minimum, maximum]: readonly [number, number],
  type: SqlType,
  evaluate: (given: Arguments, context: FunctionContext) => Value,
  since?: number,
): ScalarFunction {
  return {
    name,
    minimum,
    maximum,
    ...(since === undefined ? {} : { since }),
    type: () => type,
    evaluate: (values, types, context) => evaluate(given(values, types), context),
  };
}

function given(values: readonly Value[], types: readonly (SqlType | undefined)[]): Arguments {
  const as = (place: number, type: SqlType): Value => {
    const value = values[place] ?? null;
    const from = types[place];
    return value === null || from === undefined ? null : convertValue(value, from, type);
  };
  return {
    count: values.length,
    text(place) {
      const value = values[place] ?? null;
      const from = types[place];
      return value === null || from === undefined ? null : textOf(value, from).replace(/ +$/, '');
    },
    integer(place) {
      const value = as(place, INT);
      return typeof value === 'number' ? value : null;
    },
    big(place) {
      const value = as(place, BIGINT);
      return typeof value === 'bigint' ? value : null;
    },
    bytes(place) {
      const value = as(place, { kind: 'varbinary', length: 'max' });
      return value instanceof Uint8Array ? value : null;
    },
    raw: place => values[place] ?? null,
  };
}

const NAME: SqlType = { kind: 'nvarchar', length: 128, collation: 'SQL_Latin1_General_CP1_CI_AS' };

/** A value in sql_variant: names are nvarchar(128), numbers int. */
export function variantOf(value: string | number | bigint | boolean | Uint8Array | null): Value {
  if (value === null) return null;
  if (typeof value === 'string') return { type: NAME, value };
  if (typeof value === 'boolean') return { type: INT, value: value ? 1 : 0 };
  if (typeof value === 'bigint') return { type: BIGINT, value };
  if (typeof value === 'number') return { type: INT, value };
  return { type: { kind: 'varbinary', length: 256 }, value };
}
