import type { SqlType, TypeKind } from './types.ts';

/** As sys.columns and sys.types have it: maxLength in bytes, -1 for max. */
export interface TypeFacts {
  readonly systemTypeId: number;
  readonly userTypeId: number;
  readonly maxLength: number;
  readonly precision: number;
  readonly scale: number;
  readonly collation: string | null;
}

const IDS: Readonly<Record<TypeKind, number>> = {
  image: 34,
  text: 35,
  uniqueidentifier: 36,
  date: 40,
  time: 41,
  datetime2: 42,
  datetimeoffset: 43,
  tinyint: 48,
  smallint: 52,
  int: 56,
  smalldatetime: 58,
  real: 59,
  money: 60,
  datetime: 61,
  float: 62,
  sql_variant: 98,
  ntext: 99,
  bit: 104,
  decimal: 106,
  numeric: 108,
  smallmoney: 122,
  bigint: 127,
  varbinary: 165,
  varchar: 167,
  binary: 173,
  char: 175,
  rowversion: 189,
  nvarchar: 231,
  nchar: 239,
  xml: 241,
};

/** The kinds by their system_type_id. */
export const kindOf: ReadonlyMap<number, TypeKind> = new Map(
  Object.entries(IDS).flatMap(([kind, id]) => (isKind(kind) ? [[id, kind] as const] : [])),
);

function isKind(name: string): name is TypeKind {
  return Object.hasOwn(IDS, name);
}

/** `nvarchar`; a rowversion is called `timestamp` in every catalog. */
export const typeName = (type: SqlType): string => (type.kind === 'rowversion' ? 'timestamp' : type.kind);

/** `nvarchar(50)`, `decimal(18,2)`, as a script declares it. */
export function typeText(type: SqlType): string {
  switch (type.kind) {
    case 'decimal':
    case 'numeric':
      return `${type.kind}(${type.precision},${type.scale})`;
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
    case 'binary':
    case 'varbinary':
      return `${type.kind}(${type.length})`;
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
      return `${type.kind}(${type.scale})`;
    default:
      return typeName(type);
  }
}

const NUMBERS: Partial<Record<TypeKind, readonly [maxLength: number, precision: number, scale: number]>> = {
  bit: [1, 1, 0],
  tinyint: [1, 3, 0],
  smallint: [2, 5, 0],
  int: [4, 10, 0],
  bigint: [8, 19, 0],
  money: [8, 19, 4],
  smallmoney: [4, 10, 4],
  real: [4, 24, 0],
  float: [8, 53, 0],
  date: [3, 10, 0],
  datetime: [8, 23, 3],
  smalldatetime: [4, 16, 0],
  uniqueidentifier: [16, 0, 0],
  text: [16, 0, 0],
  ntext: [16, 0, 0],
  image: [16, 0, 0],
  xml: [-1, 0, 0],
  sql_variant: [8016, 0, 0],
  rowversion: [8, 0, 0],
};

/** Bytes of a decimal by its precision. */
export const decimalBytes = (precision: number): number =>
  precision <= 9 ? 5 : precision <= 19 ? 9 : precision <= 28 ? 13 : 17;

const timeBytes = (scale: number): number => (scale <= 2 ? 3 : scale <= 4 ? 4 : 5);

const fraction = (scale: number): number => (scale === 0 ? 0 : scale + 1);

export function typeFacts(type: SqlType): TypeFacts {
  const id = IDS[type.kind];
  const [maxLength, precision, scale] = measures(type);
  const collation = 'collation' in type ? type.collation : null;
  return { systemTypeId: id, userTypeId: id, maxLength, precision, scale, collation };
}

function measures(type: SqlType): readonly [number, number, number] {
  switch (type.kind) {
    case 'decimal':
    case 'numeric':
      return [decimalBytes(type.precision), type.precision, type.scale];
    case 'char':
    case 'varchar':
    case 'binary':
    case 'varbinary':
      return [type.length === 'max' ? -1 : type.length, 0, 0];
    case 'nchar':
    case 'nvarchar':
      return [type.length === 'max' ? -1 : type.length * 2, 0, 0];
    case 'time':
      return [timeBytes(type.scale), 8 + fraction(type.scale), type.scale];
    case 'datetime2':
      return [timeBytes(type.scale) + 3, 19 + fraction(type.scale), type.scale];
    case 'datetimeoffset':
      return [timeBytes(type.scale) + 5, 26 + fraction(type.scale), type.scale];
    default:
      return NUMBERS[type.kind] ?? [0, 0, 0];
  }
}
