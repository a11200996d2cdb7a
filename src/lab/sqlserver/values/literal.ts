import { SqlError, unsupported } from '../errors.ts';
import type { Literal } from '../syntax/expressions.ts';
import { collation as collationOf } from './collation.ts';
import { parseDecimal, rescale } from './decimals.ts';
import { overflow } from './faults.ts';
import { DEFAULT_COLLATION, type SqlType, type Value } from './types.ts';

export interface TypedValue {
  /** undefined for the literal NULL. */
  readonly type: SqlType | undefined;
  readonly value: Value;
}

const tooManyDigits = (text: string): SqlError =>
  new SqlError(
    1007,
    `The number '${text}' is out of the range for numeric representation (maximum precision 38).`,
    { severity: 15, endsBatch: true },
  );

/** int where it fits, else numeric: never bigint, as in SQL Server. */
function integer(text: string): TypedValue {
  const value = BigInt(text);
  if (value <= 2_147_483_647n) return { type: { kind: 'int' }, value: Number(value) };
  const digits = value.toString().length;
  if (digits > 38) throw tooManyDigits(text);
  return { type: { kind: 'numeric', precision: digits, scale: 0 }, value };
}

function exact(text: string): TypedValue {
  const parsed = parseDecimal(text);
  if (parsed === undefined) throw tooManyDigits(text);
  const digits = parsed.units.toString().length;
  const precision = Math.max(digits, parsed.scale, 1);
  if (precision > 38) throw tooManyDigits(text);
  return { type: { kind: 'numeric', precision, scale: parsed.scale }, value: parsed.units };
}

function money(text: string): TypedValue {
  const parsed = parseDecimal(text.replace(/[$€£¥¤,]/g, '').trim() || '0');
  if (parsed === undefined) throw unsupported(`the money literal ${text}`);
  const value = rescale(parsed.units, parsed.scale, 4);
  if (BigInt.asIntN(64, value) !== value) throw overflow('money');
  return { type: { kind: 'money' }, value };
}

function float(text: string): TypedValue {
  const value = Number(text);
  if (!Number.isFinite(value)) {
    throw new SqlError(
      168,
      `The floating point value '${text}' is out of the range of computer representation (8 bytes).`,
      {
        severity: 15,
        endsBatch: true,
      },
    );
  }
  return { type: { kind: 'float' }, value };
}

/** Type and value of a literal; texts have at least one character of room, and `max` beyond 8000 bytes. */
export function literalValue(literal: Literal, collation: string = DEFAULT_COLLATION): TypedValue {
  switch (literal.kind) {
    case 'null':
      return { type: undefined, value: null };
    case 'default':
      throw unsupported('DEFAULT in this place');
    case 'integer':
      return integer(literal.text);
    case 'decimal':
      return exact(literal.text);
    case 'float':
      return float(literal.text);
    case 'money':
      return money(literal.text);
    case 'string': {
      const page = collationOf(collation);
      const text = page.encodable(literal.text);
      const size = page.byteLength(text);
      return {
        type: { kind: 'varchar', length: size > 8000 ? 'max' : Math.max(1, size), collation },
        value: text,
      };
    }
    case 'nstring': {
      const size = literal.text.length;
      return {
        type: { kind: 'nvarchar', length: size > 4000 ? 'max' : Math.max(1, size), collation },
        value: literal.text,
      };
    }
    case 'binary': {
      const size = literal.bytes.length;
      return {
        type: { kind: 'varbinary', length: size > 8000 ? 'max' : Math.max(1, size) },
        value: literal.bytes,
      };
    }
  }
}
