import { SqlError } from '../errors.ts';
import type { TypeName } from '../syntax/names.ts';
import type { Length, SqlType, TypeKind } from './types.ts';

const SYNONYMS: Readonly<Record<string, TypeKind>> = {
  integer: 'int',
  dec: 'decimal',
  character: 'char',
  'character varying': 'varchar',
  'char varying': 'varchar',
  'national character': 'nchar',
  'national char': 'nchar',
  'national character varying': 'nvarchar',
  'national char varying': 'nvarchar',
  'national text': 'ntext',
  'binary varying': 'varbinary',
  'double precision': 'float',
  timestamp: 'rowversion',
};

const PLAIN = {
  bit: { kind: 'bit' },
  tinyint: { kind: 'tinyint' },
  smallint: { kind: 'smallint' },
  int: { kind: 'int' },
  bigint: { kind: 'bigint' },
  money: { kind: 'money' },
  smallmoney: { kind: 'smallmoney' },
  real: { kind: 'real' },
  image: { kind: 'image' },
  rowversion: { kind: 'rowversion' },
  xml: { kind: 'xml' },
  uniqueidentifier: { kind: 'uniqueidentifier' },
  sql_variant: { kind: 'sql_variant' },
  date: { kind: 'date' },
  datetime: { kind: 'datetime' },
  smalldatetime: { kind: 'smalldatetime' },
} as const satisfies Record<string, SqlType>;

const isPlain = (name: string): name is keyof typeof PLAIN => Object.hasOwn(PLAIN, name);

/** Where a length that is left out means 1, or 30. */
export type TypeUse = 'definition' | 'cast';

/**
 * A built-in type by its name, undefined for a name that is none (alias types are the caller's).
 *
 * @throws SqlError 2716, 2717, 131, 1001, 1002, 2750, 192 for what stands in parentheses
 */
export function resolveType(
  name: TypeName,
  collation: string,
  use: TypeUse = 'definition',
): SqlType | undefined {
  const parts = name.name;
  if (parts.length > 2 || (parts.length === 2 && parts[0]?.toLowerCase() !== 'sys')) return undefined;
  const written = (parts.at(-1) ?? '').toLowerCase();
  const kind = SYNONYMS[written] ?? written;
  if (written === 'sysname') return widthless(written, name, { kind: 'nvarchar', length: 128, collation });
  if (isPlain(kind)) return widthless(written, name, PLAIN[kind]);
  switch (kind) {
    case 'text':
    case 'ntext':
      return widthless(written, name, { kind, collation });
    case 'float':
      return float(name);
    case 'decimal':
    case 'numeric':
      return { kind, ...precisionAndScale(name) };
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
      return { kind, length: length(kind, name, use), collation };
    case 'binary':
    case 'varbinary':
      return { kind, length: length(kind, name, use) };
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
      return { kind, scale: fractionalSeconds(name) };
    default:
      return undefined;
  }
}

const refuse = (number: number, text: string): SqlError => new SqlError(number, text, { endsBatch: true });

const badLength = (given: number | string): SqlError =>
  refuse(1001, `Line 1: Length or precision specification ${given} is invalid.`);

function widthless(written: string, name: TypeName, type: SqlType): SqlType {
  if (name.arguments.length === 0) return type;
  throw refuse(
    2716,
    `Column, parameter, or variable #1: Cannot specify a column width on data type ${written}.`,
  );
}

function numbers(name: TypeName, most: number): readonly number[] {
  const given = name.arguments;
  if (given.length > most) throw badLength(given[most] ?? 0);
  return given.map(argument => {
    if (argument === 'max') throw badLength('max');
    return argument;
  });
}

function float(name: TypeName): SqlType {
  const [bits = 53] = numbers(name, 1);
  if (bits < 1) throw badLength(bits);
  if (bits > 53) throw tooPrecise(bits, 53);
  return { kind: bits <= 24 ? 'real' : 'float' };
}

const tooPrecise = (given: number, most: number): SqlError =>
  refuse(
    2750,
    `Column or parameter #1: Specified column precision ${given} is greater than the maximum precision of ${most}.`,
  );

function precisionAndScale(name: TypeName): { precision: number; scale: number } {
  const [precision = 18, scale = 0] = numbers(name, 2);
  if (precision < 1) throw badLength(precision);
  if (precision > 38) throw tooPrecise(precision, 38);
  if (scale > precision) throw refuse(192, 'The scale must be less than or equal to the precision.');
  return { precision, scale };
}

function fractionalSeconds(name: TypeName): number {
  const [scale = 7] = numbers(name, 1);
  if (scale > 7) throw refuse(1002, `Line 1: Specified scale ${scale} is invalid.`);
  return scale;
}

function length(kind: string, name: TypeName, use: TypeUse): Length {
  const variable = kind.includes('var');
  if (name.arguments.length > 1) throw badLength(name.arguments[1] ?? 0);
  const given = name.arguments[0] ?? (use === 'cast' ? 30 : 1);
  if (given === 'max') {
    if (variable) return 'max';
    throw badLength('max');
  }
  if (given < 1) throw badLength(given);
  if (given > 8000) {
    throw refuse(
      131,
      `The size (${given}) given to the type '${kind}' exceeds the maximum allowed for any data type (8000).`,
    );
  }
  if (kind.startsWith('n') && given > 4000) {
    throw refuse(2717, `The size (${given}) given to the type '${kind}' exceeds the maximum allowed (4000).`);
  }
  return given;
}
