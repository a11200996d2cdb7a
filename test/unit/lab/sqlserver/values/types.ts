import { SqlError } from '../../../../../src/lab/sqlserver/errors.ts';
import {
  convertValue,
  DEFAULT_COLLATION,
  resolveType,
  type SqlType,
  textOf,
  type Value,
} from '../../../../../src/lab/sqlserver/values/index.ts';

/** A type from its text: `decimal(9,2)`. */
export function type(text: string, collation = DEFAULT_COLLATION): SqlType {
  const [, name = '', list] = /^([\w ]+?)(?:\((.*)\))?$/.exec(text) ?? [];
  const parts =
    list === undefined ? [] : list.split(',').map(part => (part === 'max' ? 'max' : Number(part)));
  const found = resolveType({ name: [name], arguments: parts }, collation, 'cast');
  if (found === undefined) throw new Error(`no type ${text}`);
  return found;
}

/** A value of a type from its text. */
export const value = (text: string, of: string): Value => convertValue(text, type('nvarchar(max)'), type(of));

/** What CONVERT gives as text, or the number of its error. */
export function converted(source: Value, from: string, to: string, style?: number): string | number {
  try {
    const result = convertValue(source, type(from), type(to), style);
    return result === null ? 'NULL' : textOf(result, type(to));
  } catch (error) {
    if (error instanceof SqlError) return error.number;
    throw error;
  }
}

/** The number of the error that is thrown, or what is answered. */
export function outcome<T>(run: () => T): T | number {
  try {
    return run();
  } catch (error) {
    if (error instanceof SqlError) return error.number;
    throw error;
  }
}
