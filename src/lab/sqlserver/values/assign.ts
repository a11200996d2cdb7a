import { SqlError } from '../errors.ts';
import { collation, trimmed } from './collation.ts';
import { implicitConverter, isIdentity } from './convert.ts';
import { isBinary, isString } from './precedence.ts';
import type { SqlType, Value } from './types.ts';

/** Names for error 2628, as far as they are known. */
export interface Target {
  readonly table: string;
  readonly column: string;
  /** Before 2019 a value that is too long is 8152, without names. */
  readonly release?: number;
}

function tooLong(target: Target, kept: string): SqlError {
  if (target.release !== undefined && target.release < 2019) {
    return new SqlError(8152, 'String or binary data would be truncated.', { state: 13 });
  }
  return new SqlError(
    2628,
    `String or binary data would be truncated in table '${target.table}', column '${target.column}'. Truncated value: '${kept}'.`,
  );
}

/**
 * Implicit conversion into a column (with a `target`), a variable or a parameter (without): what is too long for a column is an
 * error unless only blanks are lost, for a variable it is cut.
 *
 * @throws SqlError 206, 257 at once; 2628 or 8152, 245, 8114, 8115 … with the value
 */
export function assigner(from: SqlType | undefined, to: SqlType, target?: Target): (value: Value) => Value {
  const convert = implicitConverter(from, to);
  if (target === undefined || from === undefined || isIdentity(from, to)) return convert;
  if (isString(to) && to.length !== 'max') {
    const most = to.length;
    const page = to.kind === 'varchar' || to.kind === 'char' ? collation(to.collation) : undefined;
    const wide = page?.codePage !== 65001;
    return value => {
      const kept = convert(value);
      if (typeof value !== 'string' || typeof kept !== 'string') return kept;
      const size = wide ? value.length : (page?.byteLength(value) ?? 0);
      if (size > most && trimmed(value).length > kept.length) throw tooLong(target, kept);
      return kept;
    };
  }
  if (isBinary(to) && to.length !== 'max') {
    const most = to.length;
    return value => {
      if (value instanceof Uint8Array && value.length > most) throw tooLong(target, '');
      return convert(value);
    };
  }
  return convert;
}

export const assignValue = (value: Value, from: SqlType | undefined, to: SqlType, target?: Target): Value =>
  assigner(from, to, target)(value);
